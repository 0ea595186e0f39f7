"""Prove an archive: unpack, install, make the demo, serve and ask, with the network cut.

    unshare -rn python -m bundle.prove ARCHIVE

Nothing but this machine's own loopback can be reached; that is proven first.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from pathlib import Path

PORT = 8519


def raise_loopback() -> None:
    """Switch on the loopback of a new network namespace: SIOCSIFFLAGS, IFF_UP | IFF_RUNNING."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", 0x41))


def require_no_network() -> None:
    """Stop where there is any way out."""
    others = [name for _, name in socket.if_nameindex() if name != "lo"]
    routes = Path("/proc/net/route").read_text(encoding="ascii").splitlines()[1:]
    if routes:
        sys.exit(f"there is a network: {others}")
    try:
        socket.create_connection(("192.0.2.1", 9), timeout=1).close()
    except OSError:
        return
    sys.exit("another machine was reached")


def run(*command: str, cwd: Path, home: Path) -> None:
    """Run a command in a clean environment."""
    subprocess.run(command, cwd=cwd, check=True, env=clean(home))


def clean(home: Path) -> dict[str, str]:
    """The variables of a fresh machine."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8",
            "PYTHON": os.environ.get("PYTHON", sys.executable),
            "WARM": os.environ.get("WARM", "yes")}


def ask(path: str) -> tuple[int, int]:
    """Status and size of an answer."""
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=30) as answer:
        return answer.status, len(answer.read())


def served(folder: Path, zoning: Path, demo: Path, home: Path) -> None:
    """The app answers: the page, a script of the map."""
    with subprocess.Popen([str(zoning), "--workspace", str(demo), "serve", "--port", str(PORT)],
                          cwd=folder, env=clean(home)) as server:
        try:
            wait_for(server)
            for path in ("/", "/vendor/leaflet/leaflet.js", "/desk/desk.js"):
                status, size = ask(path)
                sys.stdout.write(f"{path} {status} {size} bytes\n")
                if status != 200 or not size:
                    sys.exit(1)
        finally:
            server.terminate()


def wait_for(server: subprocess.Popen[bytes]) -> None:
    """Wait until the server is healthy."""
    for _ in range(600):
        try:
            if ask("/_stcore/health")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
        if server.poll() is not None:
            sys.exit("the server ended")
    sys.exit("the server did not answer")


def prove(archive: Path) -> None:
    """Everything a planner does first, from the archive alone."""
    raise_loopback()
    require_no_network()
    with tempfile.TemporaryDirectory(prefix="zoning-prove-") as place:
        home = Path(place)
        with tarfile.open(archive) as tar:
            tar.extractall(home, filter="data")
        (folder,) = [each for each in home.iterdir() if each.is_dir()]
        run("sh", "install.sh", str(home / "app"), cwd=folder, home=home)
        zoning, demo = home / "app" / "bin" / "zoning", home / "demo"
        run(str(zoning), "init", str(demo), "--demo", "--size", "2000", "--seed", "1", cwd=home,
            home=home)
        run(str(zoning), "--workspace", str(demo), "sheet", "--out", str(home / "b.xlsx"),
            cwd=home, home=home)
        served(folder, zoning, demo, home)
    sys.stdout.write("installed and run without a network\n")


if __name__ == "__main__":
    prove(Path(sys.argv[1]).resolve())

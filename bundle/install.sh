#!/bin/sh
# Install without a network: ./install.sh [FOLDER], then FOLDER/bin/zoning serve.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/zoning}
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with PYTHON=...")'
(cd "$here" && sha256sum --quiet -c SHA256SUMS)
"$python" -m venv "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-index "$here"/wheels/*.whl
# Compiling takes half a minute, once; WARM=no leaves it to the first question asked.
[ "${WARM:-yes}" = no ] || "$target/bin/python" -m zoning.measure.warm
echo "OK  $target/bin/zoning init DEMO --demo && $target/bin/zoning --workspace DEMO serve"

"""The app: pages of widgets and calls, the tiles of its maps, and the server that shows both."""

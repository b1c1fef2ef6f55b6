from tests.cli.conftest import assistant, home

__all__ = ["assistant", "home"]

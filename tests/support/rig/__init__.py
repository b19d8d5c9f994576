"""Starters of the real parts that xzgate is tested against; README.md lists them."""

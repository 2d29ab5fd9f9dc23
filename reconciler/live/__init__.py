"""Sessions per target, the one retry layer, reading pools."""

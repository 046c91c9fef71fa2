"""Rendering: a recipe becomes a clip. Speech, picture, and the two put together on the grid."""

"""Media: FLV clips on the grid, the ffmpeg that is here, and the arguments it is run with."""

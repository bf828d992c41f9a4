"""What moves in Blender: armatures, points, takes. Runs on Blender's main thread only."""

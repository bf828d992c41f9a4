"""BlazePose without MediaPipe: what lies between the networks, from a picture to landmarks, equal in result."""

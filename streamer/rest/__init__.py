"""The poses in pictures over HTTP: uploads, answers, problems and their description."""

"""Engines: pictures in, landmarks of each person out."""

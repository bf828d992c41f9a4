"""Work on whole files rather than live: videos to takes, folders of them to folders of exports."""

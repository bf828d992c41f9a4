"""Who may come in, and how much of the server one of them can take: checked before anything is done for anybody."""

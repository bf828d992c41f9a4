"""The commands, a module each: `add_options` for its parser, `run` for what it does."""

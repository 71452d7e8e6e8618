"""The commands of `sunledger`, one file each: `arguments(parser)` and `run(given, place) -> exit code`."""

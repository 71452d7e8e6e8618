"""HTTP routes, one file a subject; every route is listed in `api.app`."""

ZOOM = {"api_key": "{base62:22}"}
CLOCKWORK_API_KEY = "{hex:40}"

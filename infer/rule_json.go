package infer

// jsonRules recognise documents by their name.
var jsonRules = []rule{
	{"settings", docs, func(s *site) bool {
		return s.has("settings", "config", "configuration", "options", "preferences", "prefs", "params", "parameters", "args", "flags", "features")
	},
		func(s *site) yaml { return short("json", "settings") }, 0.85},
	{"tags", docs, func(s *site) bool {
		return s.has("tags", "labels", "keywords", "categories", "topics", "roles", "scopes", "permissions", "ids", "list", "items")
	}, func(s *site) yaml { return short("json", "tags") }, 0.8},
	{"an address", docs, func(s *site) bool { return s.has("address") }, func(s *site) yaml { return short("json", "address") }, 0.85},
	{"a place", docs, func(s *site) bool { return s.has("location", "geo", "coordinates", "position") }, func(s *site) yaml { return short("json", "geo") }, 0.85},
	{"a profile", docs, func(s *site) bool { return s.has("profile", "user", "person", "author", "claims", "identity") }, func(s *site) yaml { return short("json", "profile") }, 0.8},
	{"an event", docs, func(s *site) bool {
		return s.has("event", "payload", "body", "message", "request", "response", "result", "output", "input", "error", "changes", "diff")
	},
		func(s *site) yaml { return short("json", "event") }, 0.78},
	{"metadata", docs, func(s *site) bool { return true }, func(s *site) yaml { return short("json", "metadata") }, 0.6},
}

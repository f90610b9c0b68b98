package infer

import "github.com/sowerdata/sower/sqlexpr"

// numberRules recognise whole numbers that stand for something else: a state, a switch, a moment, a row.
var numberRules = []rule{
	{"a switch", ints, func(s *site) bool {
		w := s.ownWords()[0]
		return len(s.ownWords()) > 1 && (w == "is" || w == "has" || w == "can" || w == "allow" || w == "auto" || w == "use" || w == "enable" || w == "show") && !s.ends("count", "id", "at") ||
			s.ends("enabled", "disabled", "active", "deleted", "visible", "hidden", "archived", "locked", "required", "verified", "published", "private", "public", "default", "flag", "discontinued", "obsolete", "suspended", "blocked", "banned", "featured", "available", "optional", "mandatory", "searchable", "editable", "approved", "confirmed", "revoked", "cancelled", "canceled") ||
			s.small() && s.ends("closed", "completed", "processed", "read", "paid", "sent", "failed", "done", "finished", "ended", "accepted", "rejected", "expired", "used", "seen")
	}, func(s *site) yaml { return call("integer", "min", 0, "max", 1) }, 0.8},
	{"a set of flags", ints, func(s *site) bool { return s.ends("flags", "mask", "bitmask", "permissions", "options", "bits") }, func(s *site) yaml { return call("integer", "min", 0, "max", 15) }, 0.75},
	{aStateAsNumber, ints, func(s *site) bool {
		return s.ends("status", "state", "type", "kind", "mode", "class", "category", "visibility", "role", "stage", "phase", "severity", "source", "format")
	}, func(s *site) yaml { return call("integer", "min", 0, "max", 4) }, 0.78},
	{"a priority", ints, func(s *site) bool { return s.ends("priority", "urgency", "importance", "difficulty") }, func(s *site) yaml { return call("integer", "min", 1, "max", 5) }, 0.8},
	{sinceEpoch, ints, func(s *site) bool {
		return s.column.Type.Width >= 4 && (s.is("clock", "mtime", "ctime", "atime", "expiry", "created", "updated", "modified", "expires", "changed", "accessed", "since", "until") ||
			s.is("lastaccess", "lastchange", "lastmodified", "last_seen", "last_login", "last_access", "last_change", "last_update", "last_check", "next_check"))
	}, func(s *site) yaml { return call("integer", "min", 1704067200, "max", 1767139200) }, 0.78},
	{"a vote", ints, func(s *site) bool { return s.is("vote") }, func(s *site) yaml { return call("integer", "min", 1, "max", 5) }, 0.82},
	{"a row of something", ints, func(s *site) bool { return len(s.words) > 1 && s.ends("id") && !s.unique },
		func(s *site) yaml { return call("integer", "min", 1, "max", max(s.rows, 1)) }, 0.6},
}

// lastRules are for columns of which nothing else is known.
var lastRules = []rule{
	{"no more than a small number", ints, func(s *site) bool {
		v, ok := sqlexpr.Constant(s.column.Default)
		return s.column.Type.Width == 2 && ok && (v == "0" || v == "1") && !s.unique && s.domain.Min == nil && s.domain.Max == nil
	}, func(s *site) yaml { return call("integer", "min", 0, "max", 1) }, 0.5},
}

// small tells whether a number is a switch by its default, 0 or 1, or by its size.
func (s *site) small() bool {
	v, ok := sqlexpr.Constant(s.column.Default)
	return s.column.Type.Width == 2 || ok && (v == "0" || v == "1")
}

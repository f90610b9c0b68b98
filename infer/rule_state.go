package infer

// stateRules recognise states, kinds and switches.
var stateRules = []rule{
	{"a priority", texts, func(s *site) bool { return s.has("priority", "urgency") }, func(s *site) yaml { return short("word", "priority") }, 0.88},
	{"a severity", texts, func(s *site) bool { return s.has("severity") && !s.has("color", "colour", "name") }, func(s *site) yaml { return short("word", "severity") }, 0.88},
	{"a status of what the name says", texts, func(s *site) bool { return s.listOf("status", "state") != "" }, func(s *site) yaml {
		return short("word", s.listOf("status", "state"))
	}, 0.86},
	{"whether someone agrees", texts, func(s *site) bool { return s.ends("status", "state") && s.has("review", "approval") }, func(s *site) yaml { return short("word", "approval_status") }, 0.86},
	{"whether something is public", texts, func(s *site) bool { return s.ends("status", "state") && s.has("publication", "publish", "publishing") }, func(s *site) yaml { return short("word", "publish_status") }, 0.86},
	{"an order's status", texts, func(s *site) bool {
		return s.has("status", "state") && s.of("order", "shipment", "delivery", "fulfillment")
	}, func(s *site) yaml { return short("word", "order_status") }, 0.85},
	{"a payment's status", texts, func(s *site) bool {
		return s.has("status", "state") && (s.of("payment", "invoice", "transaction", "refund", "charge", "subscription") || s.has("payment"))
	}, func(s *site) yaml { return short("word", "payment_status") }, 0.85},
	{"a job's status", texts, func(s *site) bool {
		return s.has("status", "state") && (s.of("job", "task", "run", "build", "queue", "process", "workflow", "execution", "import", "export", "migration", "sync", "step", "worker") ||
			s.is("state", "status") && s.besideAny("finished", "retries", "heartbeat", "attempts") || s.has("check", "job", "build", "reconciler", "sync", "upload"))
	}, func(s *site) yaml { return short("word", "job_status") }, 0.85},
	{"a status", texts, func(s *site) bool { return s.has("status", "state", "phase", "stage") }, func(s *site) yaml { return short("word", "status") }, 0.8},
	{"an environment", texts, func(s *site) bool { return s.is("environment", "env") }, func(s *site) yaml { return short("word", "environment") }, 0.85},
	{"a plan", texts, func(s *site) bool {
		return s.is("plan", "tier", "plan_name", "edition") || s.is("name") && s.of("plan", "tier")
	}, func(s *site) yaml {
		if s.of("plan", "tier") && s.is("name") {
			return call("word", "list", "plan", "case", "capital")
		}
		return short("word", "plan")
	}, 0.8},
	{"a switch that is mostly on", bools, func(s *site) bool {
		return s.has("active", "enabled", "verified", "visible", "confirmed", "valid", "available", "published", "approved", "subscribed", "current", "public") && !s.has("not", "un", "in")
	}, func(s *site) yaml { return short("boolean", 0.85) }, 0.85},
	{"a switch that is rarely on", bools, func(s *site) bool {
		return s.has("do_not", "opt_out", "opted_out", "vip", "smoking", "explicit", "collaborative", "sold_out", "skipped", "offline") || s.has("deleted", "banned", "fraud", "fraudulent", "damaged", "suspended", "spam", "blocked", "locked", "pinned", "sticky", "defective", "disputed", "flagged", "recalled", "deceased", "blacklisted", "abnormal") && !s.has("not", "un", "in")
	}, func(s *site) yaml { return short("boolean", 0.04) }, 0.86},
	{"a switch that is mostly off", bools, func(s *site) bool {
		return s.has("deleted", "archived", "disabled", "locked", "blocked", "banned", "hidden", "suspended", "admin", "superuser", "staff", "spam", "failed", "expired", "private", "internal", "test", "draft", "default", "primary", "pinned", "sticky", "featured", "read", "revoked", "cancelled", "canceled", "system")
	}, func(s *site) yaml { return short("boolean", 0.1) }, 0.85},
	{"a switch that is off by default", bools, func(s *site) bool { return s.column.Default == "false" }, func(s *site) yaml { return short("boolean", 0.2) }, 0.7},
	{"a switch that is on by default", bools, func(s *site) bool { return s.column.Default == "true" }, func(s *site) yaml { return short("boolean", 0.8) }, 0.7},
	{"a switch", bools, func(s *site) bool { return true }, func(s *site) yaml { return call("boolean") }, 0.6},
}

package infer

// contentRules recognise what people write.
var contentRules = []rule{
	{"a description", texts, func(s *site) bool {
		return !s.coded() && s.has("description", "desc", "summary", "bio", "biography", "about", "abstract", "excerpt", "synopsis", "overview", "intro", "explanation", "details", "definition", "instructions", "caption", "blurb")
	}, func(s *site) yaml { return s.prose("sentences", 1, 3) }, 0.85},
	{"what someone writes", texts, func(s *site) bool {
		return !s.coded() && s.has("body", "content", "contents", "text", "message", "comment", "comments", "note", "notes", "remark", "remarks", "review", "feedback", "answer", "reply", "question", "post", "article", "lyrics", "transcript", "prompt") && !s.has("type", "id", "hash", "key", "format", "status", "code", "count")
	}, func(s *site) yaml { return s.prose("sentences", 1, 4) }, 0.8},
	{"an error's message", texts, func(s *site) bool {
		return s.ends("error", "error_message", "reason", "failure_reason", "last_error", "exception", "detail")
	}, func(s *site) yaml {
		return s.prose("sentences", 1, 1)
	}, 0.75},
	{"a title", texts, func(s *site) bool {
		return !s.coded() && s.has("title", "subject", "headline", "heading", "topic", "chapter", "album", "song", "track", "movie", "book") && !s.has("id", "type", "code")
	},
		func(s *site) yaml { return s.prose("words", 2, 5) }, 0.88},
	{"a tag", texts, func(s *site) bool {
		return s.is("tag", "tags", "label", "keyword", "hashtag", "tag_name") || s.is("name") && s.of("tag", "label", "keyword")
	}, func(s *site) yaml { return short("word", "tag") }, 0.85},
	{"a category", texts, func(s *site) bool {
		return s.is("category", "category_name", "genre", "section", "subcategory") || s.is("name", "title") && s.of("category", "genre", "section", "topic", "group", "collection")
	},
		func(s *site) yaml {
			if s.has("genre") || s.of("genre") {
				return short("word", "genre")
			}
			if s.about(goods...) && s.sells() || s.is("category", "category_name", "subcategory", "name") && !s.of("group", "section", "topic") && s.sells() {
				return short("word", "category")
			}
			return short("word", "topic")
		}, 0.82},
	{"what is put on for people", texts, func(s *site) bool {
		return s.is("name", "title") && s.about("event", "concert", "show", "festival", "exhibition", "performance") && s.besideAny("venue", "place", "location", "begin", "start", "starts", "end", "ends", "city", "stage", "setlist", "time")
	}, func(s *site) yaml { return short("word", "event_name") }, 0.85},
	{"a role", texts, func(s *site) bool { return s.is("role", "role_name", "user_role") || s.is("name") && s.of("role") }, func(s *site) yaml { return short("word", "role") }, 0.88},
	{"a permission", texts, func(s *site) bool {
		return s.is("permission", "privilege", "scope", "grant", "action") || s.is("name") && s.of("permission", "privilege", "scope")
	},
		func(s *site) yaml { return short("word", "permission") }, 0.8},
	{"a unit", texts, func(s *site) bool {
		return s.is("unit", "uom", "unit_of_measure", "units") || s.is("name") && s.of("unit")
	}, func(s *site) yaml { return short("word", "unit") }, 0.82},
	{"a payment method", texts, func(s *site) bool {
		return s.is("payment_method", "payment_type", "pay_method") || s.is("method", "type") && s.of("payment")
	}, func(s *site) yaml { return short("word", "payment_method") }, 0.88},
	{"a skill", texts, func(s *site) bool { return s.is("skill") || s.is("name") && s.of("skill") }, func(s *site) yaml { return short("word", "skill") }, 0.85},
	{"a month", texts, func(s *site) bool { return s.is("month", "month_name") }, func(s *site) yaml { return short("word", "month") }, 0.85},
	{"a day of the week", texts, func(s *site) bool { return s.is("weekday", "day_of_week", "day", "day_name") }, func(s *site) yaml { return short("word", "weekday") }, 0.85},
	{"a size", texts, func(s *site) bool { return s.is("size") }, func(s *site) yaml { return short("word", "size") }, 0.8},
	{"an event", texts, func(s *site) bool {
		return s.is("event", "event_name", "event_type", "action", "activity") || s.is("name", "type") && s.of("event")
	}, func(s *site) yaml { return short("word", "event") }, 0.8},
	{"a name", texts, func(s *site) bool { return s.has("name") || s.is("label", "caption") }, func(s *site) yaml { return s.prose("words", 1, 3) }, 0.65},
}

// prose writes words, sentences or paragraphs, as far as there is room.
func (s *site) prose(what string, least, most int) yaml {
	if what == "sentences" && s.limit > 0 && s.limit < 40 {
		what, least, most = "words", 1, 4
	}
	args := []any{what, yaml(mapping("min", least, "max", most))}
	if s.limit > 0 && s.limit < 1000 {
		args = append(args, "max_length", s.limit)
	}
	return call("text", args...)
}

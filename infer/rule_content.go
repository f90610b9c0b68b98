package infer

// contentRules recognise what people write.
var contentRules = []rule{
	{"what someone says of themselves", texts, func(s *site) bool {
		return s.is("bio", "biography", "about", "about_me", "headline") && s.someone() && s.fits(60)
	}, func(s *site) yaml { return call("prose", "genre", "bio", "sentences", mapping("min", 1, "max", 2)) }, 0.86},
	{"why someone cancels", texts, func(s *site) bool {
		return s.ends("reason", "reason_text") && s.has("cancel", "cancelled", "canceled", "cancellation", "leaving", "churn") && s.fits(30)
	}, func(s *site) yaml {
		if s.about("subscription", "membership", "contract", "tenant", "account", "policy") {
			return short("prose", "leave_reason")
		}
		return short("prose", "cancel_reason")
	}, 0.88},
	{"why something was lost", texts, func(s *site) bool {
		return s.fits(24) && s.ends("reason") && s.has("lost", "loss", "lose", "close", "closed") && !s.of("account", "ticket", "issue")
	}, func(s *site) yaml {
		return short("pick", list([]string{"Price too high", "Chose a competitor", "No budget", "Bad timing", "Missing features", "No decision", "No response", "Project cancelled"}))
	}, 0.88},
	{"what is done next", texts, func(s *site) bool { return s.is("next_step", "next_action", "follow_up", "next_steps") && s.fits(30) }, func(s *site) yaml {
		return short("pick", list([]string{"Send the proposal", "Schedule a demo", "Call back next week", "Prepare the contract", "Wait for feedback", "Meet the decision maker", "Send references", "Clarify the budget"}))
	}, 0.88},
	{"what came of it", texts, func(s *site) bool { return s.is("outcome", "call_outcome", "disposition") && s.fits(20) }, func(s *site) yaml {
		return short("pick", list([]string{"Reached", "Left voicemail", "No answer", "Follow-up needed", "Meeting booked", "Not interested", "Sent information", "Wrong number"}))
	}, 0.86},
	{"what a deal is about", texts, func(s *site) bool {
		return s.is("name", "title") && s.about("deal", "opportunity") && !s.unique && s.fits(40)
	}, func(s *site) yaml { return short("prose", "deal_name") }, 0.9},
	{"a campaign", texts, func(s *site) bool {
		return s.is("name", "title", "campaign", "campaign_name", "utm_campaign") && (s.about("campaign", "newsletter", "promotion") || s.has("campaign")) && !s.unique && s.fits(40)
	}, func(s *site) yaml { return short("prose", "campaign_name") }, 0.9},
	{"a stage of sales", texts, func(s *site) bool {
		return s.is("name", "title", "stage", "stage_name") && s.about("stage") && (s.besideAny("probability", "pipeline")) && !s.unique
	}, func(s *site) yaml {
		return short("pick", list([]string{"Prospecting", "Qualification", "Needs analysis", "Proposal", "Negotiation", "Closing"}))
	}, 0.9},
	{"a pipeline of sales", texts, func(s *site) bool {
		return s.is("name", "title") && s.about("pipeline") && !s.besideAny("commit", "build", "repo", "repository", "git", "cron") && !s.unique
	}, func(s *site) yaml {
		return short("pick", list([]string{"New business", "Renewals", "Partners", "Enterprise sales", "Inbound", "Upsell"}))
	}, 0.86},
	{"a degree", texts, func(s *site) bool { return s.is("degree", "degree_name") }, func(s *site) yaml { return short("word", "degree") }, 0.92},
	{"a university", texts, func(s *site) bool {
		return s.is("university", "college", "school", "school_name", "university_name", "institution", "alma_mater") && (s.about("education", "student", "candidate", "degree", "employee", "alumni", "resume") || s.has("university", "college")) && !s.unique && s.fits(32)
	}, func(s *site) yaml { return short("word", "university") }, 0.92},
	{"what someone studies", texts, func(s *site) bool {
		return s.is("field_of_study", "major", "minor", "study_field", "field", "course_of_study", "specialization") && (s.about("education", "student", "candidate", "degree", "alumni") || s.has("study", "major"))
	}, func(s *site) yaml { return short("word", "study_subject") }, 0.9},
	{"a letter of someone who applies", texts, func(s *site) bool { return s.is("cover_letter", "motivation", "cover_note") && s.fits(60) }, func(s *site) yaml {
		return call("prose", "genre", "cover_letter", "sentences", mapping("min", 2, "max", 4))
	}, 0.9},
	{"what a job asks for", texts, func(s *site) bool {
		return s.is("requirements", "qualifications", "required_skills", "responsibilities") && s.of("job", "vacancy", "position", "posting") && s.fits(60)
	}, func(s *site) yaml {
		return call("prose", "genre", "job_requirements", "sentences", mapping("min", 2, "max", 4))
	}, 0.9},
	{"what a job offers", texts, func(s *site) bool { return s.is("benefits", "perks") && s.fits(60) }, func(s *site) yaml {
		return call("prose", "genre", "job_benefits", "sentences", mapping("min", 1, "max", 3))
	}, 0.88},
	{"what someone thinks of a candidate", texts, func(s *site) bool {
		return s.is("feedback", "notes", "comment", "comments", "evaluation") && s.of("interview", "screening", "candidate", "application") && s.fits(60)
	}, func(s *site) yaml {
		return call("prose", "genre", "interview_feedback", "sentences", mapping("min", 1, "max", 3))
	}, 0.9},
	{"what a guest asks for", texts, func(s *site) bool {
		return s.is("special_requests", "special_request", "guest_notes", "requests") && s.fits(40)
	}, func(s *site) yaml {
		return short("pick", list([]string{"Late check-in", "Quiet room, please", "High floor", "Extra bed", "Baby cot", "Twin beds, please", "Early check-in", "Room near the lift", "Allergic to feathers", "Parking space needed"}))
	}, 0.9},
	{"a bed", texts, func(s *site) bool { return s.is("bed_type", "beds_type", "bed") }, func(s *site) yaml {
		return short("pick", list([]string{"single", "double", "queen", "king", "twin", "bunk"}))
	}, 0.9},
	{"what a room has", texts, func(s *site) bool { return s.is("amenities", "facilities", "equipment_list") && s.fits(24) }, func(s *site) yaml {
		return short("pick", list([]string{"Wi-Fi, TV", "Wi-Fi, TV, minibar", "Wi-Fi, kitchen", "Wi-Fi, balcony", "TV, safe", "Wi-Fi, air conditioning", "Wi-Fi, bathtub"}))
	}, 0.88},
	{"what a rate is called", texts, func(s *site) bool { return s.is("name") && s.of("rate") && s.about("plan", "rate") && !s.unique }, func(s *site) yaml {
		return short("pick", list([]string{"Flexible", "Non-refundable", "Early bird", "Weekend", "Last minute", "Half board", "Breakfast included", "Long stay"}))
	}, 0.92},
	{"a season of the year", texts, func(s *site) bool {
		return s.is("season") && s.fits(6) && s.of("rate", "price", "tariff", "room", "hotel", "product", "collection")
	}, func(s *site) yaml {
		return short("word", "season")
	}, 0.9},
	{"why something comes back", texts, func(s *site) bool {
		return s.fits(30) && (s.ends("reason") && s.has("return", "refund") || s.is("reason") && s.about("return", "refund", "rma"))
	}, func(s *site) yaml { return short("prose", "return_reason") }, 0.88},
	{"why a payment fails", texts, func(s *site) bool {
		return s.fits(30) && s.ends("reason", "message", "failure_reason", "error_message") && s.has("failure", "failed", "decline", "declined", "error") && s.of("payment", "charge", "transaction", "payout", "refund")
	}, func(s *site) yaml { return short("prose", "payment_failure") }, 0.88},
	{"why something is refused", texts, func(s *site) bool {
		return s.fits(34) && s.ends("reason") && s.has("rejection", "rejected", "reject", "denial", "denied", "decline", "declined", "refusal")
	}, func(s *site) yaml { return short("prose", "reject_reason") }, 0.88},
	{"what goes wrong with a machine", texts, func(s *site) bool {
		return s.fits(30) && (s.is("error", "error_message", "last_error", "exception", "error_msg", "error_text") || s.ends("error_message", "last_error")) && !s.of("payment", "charge", "validation")
	}, func(s *site) yaml { return short("prose", "machine_error") }, 0.86},
	{"what a customer asks for", texts, func(s *site) bool {
		return s.fits(60) && s.of("order", "delivery", "cart", "shipment") && s.is("note", "notes", "customer_note", "customer_notes", "special_instructions", "delivery_instructions", "delivery_notes", "instructions", "remark", "remarks", "comment", "buyer_note", "remark_text") || s.is("delivery_instructions", "instructions") && s.about("address") && s.fits(60)
	}, func(s *site) yaml { return short("prose", "order_note") }, 0.87},
	{"what is good of something, or bad", texts, func(s *site) bool { return s.is("pros", "cons") && s.fits(30) }, func(s *site) yaml {
		if s.is("cons") {
			return short("pick", list([]string{"A bit heavy", "Slow delivery", "Instructions are unclear", "A little expensive", "Smaller than expected", "Color differs from the pictures", "Nothing so far", "Loud", "Short warranty"}))
		}
		return short("pick", list([]string{"Easy to use", "Good quality", "Fair price", "Looks great", "Sturdy", "Fast delivery", "Light", "Comfortable", "Easy to clean", "Well packed"}))
	}, 0.86},
	{"a description", texts, func(s *site) bool {
		return !s.coded() && s.has("description", "desc", "summary", "bio", "biography", "about", "abstract", "excerpt", "synopsis", "overview", "intro", "explanation", "details", "definition", "instructions", "caption", "blurb")
	}, func(s *site) yaml { return s.says("about", 1, 3) }, 0.85},
	{"what someone writes", texts, func(s *site) bool {
		return !s.coded() && s.has("body", "content", "contents", "text", "message", "comment", "comments", "note", "notes", "remark", "remarks", "review", "feedback", "answer", "reply", "question", "post", "article", "lyrics", "transcript", "prompt") && !s.has("type", "id", "hash", "key", "format", "status", "code", "count")
	}, func(s *site) yaml {
		switch {
		case s.has("note", "notes", "remark", "remarks") || s.is("comment", "comments") || s.about("note", "remark", "memo"):
			return s.says("remark", 1, 2)
		case s.has("message", "answer", "reply"):
			return s.says("message", 1, 2)
		}
		return s.prose("sentences", 1, 4)
	}, 0.8},
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
	{"a material", texts, func(s *site) bool { return s.is("material", "fabric", "main_material") && s.fits(12) }, func(s *site) yaml { return short("word", "material") }, 0.85},
	{"a blood group", texts, func(s *site) bool { return s.is("blood_type", "blood_group") }, func(s *site) yaml { return short("word", "blood_type") }, 0.93},
	{"a unit", texts, func(s *site) bool {
		return s.is("unit", "uom", "uom_code", "unit_code", "unit_of_measure", "units") || s.is("name") && s.of("unit")
	}, func(s *site) yaml { return short("word", "unit") }, 0.82},
	{"a payment method", texts, func(s *site) bool {
		return s.is("payment_method", "payment_type", "pay_method") || s.ends("payment_method") || s.is("method", "type") && s.of("payment")
	}, func(s *site) yaml { return short("word", "payment_method") }, 0.88},
	{"a skill", texts, func(s *site) bool { return s.is("skill") || s.is("name") && s.of("skill") }, func(s *site) yaml { return short("word", "skill") }, 0.85},
	{"a month", texts, func(s *site) bool { return s.is("month", "month_name") }, func(s *site) yaml { return short("word", "month") }, 0.85},
	{"a day of the week", texts, func(s *site) bool { return s.is("weekday", "day_of_week", "day", "day_name") }, func(s *site) yaml { return short("word", "weekday") }, 0.85},
	{"a size", texts, func(s *site) bool { return s.is("size") }, func(s *site) yaml { return short("word", "size") }, 0.8},
	{"an event", texts, func(s *site) bool {
		return s.is("event", "event_name", "event_type", "action", "activity") || s.is("name", "type") && s.of("event")
	}, func(s *site) yaml { return short("word", "event") }, 0.8},
}

// nameRules recognise what something goes by of which nothing else is known.
var nameRules = []rule{
	{"a name", texts, func(s *site) bool { return s.has("name") || s.is("label", "caption") }, func(s *site) yaml { return s.prose("words", 1, 3) }, 0.65},
}

// says writes sentences of a genre, or words where there is no room or the texts have to be distinct.
func (s *site) says(genre string, least, most int) yaml {
	if s.unique || s.limit > 0 && s.limit < 60 {
		return s.prose("sentences", least, most)
	}
	return call("prose", "genre", genre, "sentences", mapping("min", least, "max", most))
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

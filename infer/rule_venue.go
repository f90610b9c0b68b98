package infer

import (
	"slices"
	"strings"
)

// venueRules recognise the names of places where something is offered, of what is offered there, and of those who come.
var venueRules = []rule{
	{"a person's name", texts, func(s *site) bool {
		return s.is("holder_name", "ticket_holder", "attendee_name", "passenger_name", "participant_name", "visitor_name", "occupant_name", "guest_name") && s.fits(20)
	}, func(s *site) yaml { return s.person("full_name") }, 0.92},
	{"the name of a place of a firm", texts, func(s *site) bool {
		return s.is("name") && s.about("gym", "office", "branch", "studio", "salon", "depot", "clinic", "garage", "campus", "outlet", "kiosk", "library", "pharmacy", "laboratory", "dealership", "showroom", "cinema", "theater", "theatre", "museum", "shelter", "nursery", "bakery", "bookstore") &&
			s.fits(36) && !(s.unique && s.rows > 400) && !s.besideAny("url", "domain", "repository") && !s.hosts("repository", "commit", "pipeline", "build") && s.column.Default == ""
	}, func(s *site) yaml {
		kind := s.owner[len(s.owner)-1]
		return short("pattern", "(Downtown|Northside|Riverside|Lakeside|Harbor|Central|Old Town|West End|East Side|Market Street|Park Avenue|Station Road|Hillside|University|Airport|Garden District|Mill Lane|Kings Cross|Bay|Airfield|Bridge Street|Southgate|Eastgate|Northgate|Westgate|Greenwood|Oakwood|Maple Square|City|Victoria) "+strings.ToUpper(kind[:1])+kind[1:]+"( North| South| East| West| Plaza| Annex| II|)")
	}, 0.86},
	{"a membership or a fare", texts, func(s *site) bool {
		return s.is("name", "type_name", "title") && s.has2("membership", "subscription", "pass", "fare", "tariff", "plan") && s.about("type", "pass", "fare", "tariff", "membership", "plan") && s.unique && s.rows > 12 && s.rows <= 400 && s.fits(28)
	}, func(s *site) yaml {
		return short("pattern", "(Basic|Standard|Premium|Student|Family|Senior|Weekend|Corporate|Gold|Silver|Platinum|Unlimited|Classic|Starter|Duo|Team|Junior|Club) (Monthly|Annual|Weekly|Quarterly|Off-peak|Daytime|Evening|Flex|Plus|Light|Online|All-in)( 2|)")
	}, 0.86},
	{"a category of prices", texts, func(s *site) bool {
		return s.is("name", "label") && strings.HasSuffix(strings.Join(s.owner, "_"), "price_category") || s.is("name") && (s.about("ticket_type", "ticket_category") || strings.HasSuffix(strings.Join(s.owner, "_"), "ticket_type")) && s.fits(12) && !s.unique
	}, func(s *site) yaml {
		return short("pick", list([]string{"Standard", "Standard", "VIP", "Early bird", "Student", "Family", "Balcony", "Stalls", "Front row", "Standing", "Gallery", "Box"}))
	}, 0.86},
	{"a part of a hall", texts, func(s *site) bool {
		return s.is("label", "name", "section_name") && s.about("section", "block", "stand", "tier") && s.hosts("venue", "event", "seat", "stadium", "hall") && s.fits(14)
	}, func(s *site) yaml {
		return short("pattern", "(Block|Section|Balcony|Stalls|Gallery|Terrace) [1-9][0-9]?")
	}, 0.88},
	{"a title of an event", texts, func(s *site) bool {
		return s.is("title", "name") && s.about("event", "concert", "show", "festival", "performance", "gig") && s.hosts("venue", "ticket", "organizer", "organiser", "attendee", "registration", "performer") && s.fits(40) && !(s.unique && s.rows > 800)
	}, func(s *site) yaml {
		return short("pattern", "(Summer|Winter|Spring|Autumn|Midnight|Annual|Grand|Open-Air|City|Harbor|Sunday|Riverside) (Jazz|Rock|Classical|Comedy|Theatre|Tech|Food|Film|Dance|Folk|Electronic|Blues) (Night|Festival|Gala|Session|Show|Evening|Summit|Concert|Weekend)")
	}, 0.89},
	{"a class of a gym", texts, func(s *site) bool {
		return s.is("title", "name") && s.about("class", "type", "workout", "course") && s.has2("class", "workout", "course") && s.hosts("gym", "trainer", "studio") && s.fits(36) && !(s.unique && s.rows > 300)
	}, func(s *site) yaml {
		return short("pattern", "(Power|Gentle|Morning|Evening|Vinyasa|Hot|Aqua|Express|Core|Total Body|Dynamic|Restorative|Sunrise|Sunset|Lunchtime|Weekend|Slow|Deep|Fast|Family|Senior|Outdoor|Rooftop|Candlelight|Strong|Advanced) (Yoga|Pilates|Spinning|HIIT|Zumba|Boxing|Cycling|Stretching|Barre|Circuit|Aerobics|Bootcamp)")
	}, 0.89},
	{"what a trainer teaches", texts, func(s *site) bool {
		return s.is("speciality", "specialty", "specialization", "specialisation", "discipline") && s.about("trainer", "coach", "instructor")
	}, func(s *site) yaml {
		return short("pick", list([]string{"Strength training", "Yoga", "Pilates", "Spinning", "Boxing", "Functional training", "Rehabilitation", "Nutrition", "Running", "Swimming", "CrossFit", "Mobility"}))
	}, 0.92},
	{"the headline of a home", texts, func(s *site) bool {
		return s.is("headline", "title") && s.about("listing", "property", "advert", "ad") && s.hosts("property", "apartment", "agent", "viewing", "tenant", "lease") && s.housing() && s.fits(60) && !(s.unique && s.rows > 1000)
	}, func(s *site) yaml {
		return short("pattern", "(Bright|Spacious|Modern|Charming|Renovated|Quiet|Sunny|Elegant|Stylish|Cosy) (one|two|three|four)-bedroom (apartment|house|condo|loft|townhouse) (with garden|near the park|in the centre|with balcony|close to schools|with a view|by the river|with parking)")
	}, 0.88},
	{"a bank's name", texts, func(s *site) bool { return s.is("lender_name", "lender", "mortgage_lender") && s.fits(30) }, func(s *site) yaml {
		return short("pattern", "(First|National|Union|Coastal|Pioneer|Summit|Heritage|Citizens|Liberty|Metro) (Bank|Savings Bank|Credit Union|Mortgage)")
	}, 0.9},
	{"what a guest may bring", ints, func(s *site) bool { return s.has("passes", "vouchers") && !s.has("total", "sold", "used", "id") }, func(s *site) yaml {
		return short("pick", list([]int{0, 0, 1, 2, 2, 3, 4, 5, 6, 10}))
	}, 0.88},
	{"what an exercise burns", ints, func(s *site) bool { return s.has("calories", "kcal") && s.hosts("gym", "workout", "class", "trainer") }, func(s *site) yaml {
		return call("integer", "min", 120, "max", 850, "step", 10)
	}, 0.88},
}

// has2 tells whether the name of the table has one of some words.
func (s *site) has2(words ...string) bool {
	return slices.ContainsFunc(s.owner, func(w string) bool { return slices.Contains(words, w) })
}

// hosts tells whether the database has a table of one of some things.
func (s *site) hosts(things ...string) bool {
	return slices.ContainsFunc(s.table.draft.tables, func(t *table) bool {
		return slices.ContainsFunc(t.owner(), func(w string) bool { return slices.Contains(things, w) })
	})
}

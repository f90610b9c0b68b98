package infer

// companyTables are tables whose rows are organisations.
var companyTables = []string{"company", "organization", "organisation", "org", "vendor", "supplier", "business", "brand", "manufacturer", "publisher", "merchant",
	"partner", "institution", "agency", "employer", "carrier", "airline", "studio", "label", "bank", "shipper", "store", "shop"}

// companyRules recognise organisations and what they sell.
var companyRules = []rule{
	{"a brand", texts, func(s *site) bool { return s.is("brand", "brand_name") && !s.about("card", "payment") && !s.unique }, func(s *site) yaml { return short("word", "brand") }, 0.86},
	{"an organisation", texts, func(s *site) bool {
		return s.is("company", "company_name", "organization", "organisation", "organization_name", "org_name", "employer", "vendor", "supplier", "manufacturer", "publisher", "business_name", "merchant", "legal_name", "trading_name", "vendor_name", "supplier_name") ||
			s.is("name", "title", "display_name", "legal_name") && (s.about(companyTables...) || s.firm()) || s.is("name") && s.about("team", "club") && s.besideAny("stadium", "league", "coach")
	}, func(s *site) yaml { return short("company", "name") }, 0.88},
	{"a team", texts, func(s *site) bool {
		return s.is("team", "team_name") || s.is("name", "display_name") && s.about("team", "club", "squad")
	}, func(s *site) yaml { return short("word", "team") }, 0.85},
	{"a department", texts, func(s *site) bool {
		return s.is("department", "dept", "department_name", "division") || s.is("name") && s.of("department", "division")
	},
		func(s *site) yaml {
			if s.unique && s.rows > 12 && s.fits(32) {
				return short("pattern", "(Sales|Marketing|Finance|Human Resources|Engineering|Operations|Customer Service|Legal|Procurement|Research|Quality|Logistics|Production|Support|IT|Design|Training|Facilities|Compliance|Analytics) (North|South|East|West|Central|Europe|Americas|Asia|Berlin|London|Paris|Madrid|Vienna|Zurich|Boston|Chicago|Denver|Dallas|Seattle|Toronto|Sydney)")
			}
			return short("company", "department")
		}, 0.88},
	{"a project", texts, func(s *site) bool {
		return s.is("name", "title") && s.about("project", "initiative") && s.fits(40) && !s.besideAny("goal", "pledged", "backer") && (!s.unique || s.rows <= 300)
	}, func(s *site) yaml {
		return short("pattern", "(Website|Mobile app|Data warehouse|Cloud|Customer portal|Payment|Search|Billing|Inventory|Reporting|Security|Onboarding|Warehouse|Intranet|Analytics|Loyalty program|Support desk|Checkout|Partner portal|Newsletter) (relaunch|migration|upgrade|rollout|integration|redesign|automation|audit|pilot|refresh|consolidation|redundancy|training|documentation|handover)")
	}, 0.83},
	{"a sprint", texts, func(s *site) bool { return s.is("name", "title") && s.about("sprint", "iteration") && !s.unique }, func(s *site) yaml {
		return short("pattern", "Sprint [1-9][0-9]?")
	}, 0.9},
	{"an industry", texts, func(s *site) bool { return s.is("industry", "sector") || s.is("name") && s.of("industry", "sector") },
		func(s *site) yaml { return short("company", "industry") }, 0.88},
	{"a product", texts, func(s *site) bool {
		return s.is("product", "product_name", "item_name", "article_name") || s.is("name", "title") && (s.about("product", "sku", "merchandise") || s.about("item", "article", "part", "good", "asset", "variant", "listing") && !s.written() && (s.sells() || s.besideAny("price", "sku", "stock", "quantity", "weight")))
	}, func(s *site) yaml { return short("company", "product") }, 0.85},
	{"a slogan", texts, func(s *site) bool { return s.is("slogan", "tagline", "motto", "catch_phrase") }, func(s *site) yaml { return short("company", "catch_phrase") }, 0.85},
}

// firm tells whether a row of what may be a person or an organisation is one: tenants, accounts and customers that have a
// domain, a plan or a number of employees.
func (s *site) firm() bool {
	if !s.about("tenant", "account", "client", "customer", "workspace", "subscriber", "owner", "lead", "prospect") || s.beside("first_name", "last_name", "firstName", "lastName", "birth_date", "gender", "password_hash", "password") {
		return false
	}
	return s.besideAny("slug", "domain", "subdomain", "industry", "employees", "vat", "plan", "seats", "website", "logo", "tax", "company", "sector", "url") && !s.besideAny("surname", "birth", "gender", "password")
}

// written tells whether a row is something to read, or a place to live in: then its title names no product.
func (s *site) written() bool {
	return s.besideAny("body", "content", "excerpt", "author", "published", "headline", "byline", "bedrooms", "property", "bathrooms")
}

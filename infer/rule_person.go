package infer

import (
	"slices"

	"github.com/sowerdata/sower/column"
)

// personTables are tables whose rows are people.
var personTables = []string{"user", "customer", "client", "employee", "person", "contact", "member", "student", "teacher", "patient", "author", "artist",
	"player", "doctor", "guest", "driver", "staff", "subscriber", "account", "profile", "lead", "candidate", "instructor", "attendee", "passenger", "owner",
	"speaker", "volunteer", "agent", "actor", "director", "buyer", "seller", "reviewer", "recipient", "editor", "moderator", "admin", "administrator", "operator",
	"guardian", "parent", "nurse", "musician", "participant", "applicant", "resident", "voter", "donor", "manager"}

// personRules recognise what is known of people. The columns of a row speak of the same person, also where some
// of them are missing: a column more changes nothing of the others.
var personRules = []rule{
	{"an e-mail address", texts, func(s *site) bool {
		return s.is("email", "e_mail", "mail", "email_address", "mail_address") || s.ends("email", "email_address", "e_mail")
	}, func(s *site) yaml {
		if s.ownEmail() {
			return call("person", "field", "email", "group", "self")
		}
		return s.person("email", "email_address", "email", "e_mail", "mail")
	}, 0.97},
	{"a user name", texts, func(s *site) bool {
		return s.is("username", "user_name", "login", "handle", "nick", "nickname", "screen_name", "login_name",
			"uname", "account_name") ||
			s.ends("username", "user_name", "handle", "twitter_name", "instagram_name") || s.is("name") &&
			s.unique && s.signsIn()
	}, func(s *site) yaml { return s.person("username", "username") }, 0.95},
	{"a first name", texts, func(s *site) bool {
		return s.is("first_name", "firstname", "given_name", "forename", "fname", "first") || s.ends("first_name", "firstname", "given_name") ||
			s.is("name") && s.beside("surname", "last_name", "lastname", "family_name")
	}, func(s *site) yaml {
		return s.person("first_name", "first_name", "firstname", "given_name", "forename", "fname", "first", "name")
	}, 0.97},
	{"a middle name", texts, func(s *site) bool { return s.is("middle_name", "middlename", "second_name") }, func(s *site) yaml { return s.person("first_name", "") }, 0.9},
	{"a last name", texts, func(s *site) bool {
		return s.is("last_name", "lastname", "surname", "family_name", "lname", "last") || s.ends("last_name", "lastname", "surname")
	}, func(s *site) yaml {
		return s.person("last_name", "last_name", "lastname", "surname", "family_name", "lname", "last")
	}, 0.97},
	{"a person's name", texts, func(s *site) bool {
		return s.is("full_name", "fullname", "real_name", "person_name", "contact_name", "customer_name", "author_name", "author", "artist_name", "owner_name", "sender", "sender_name", "recipient_name", "assignee", "reporter", "created_by", "updated_by", "modified_by", "approved_by", "contact", "contact_person", "cardholder", "cardholder_name", "account_holder") ||
			s.ends("author_name", "committer_name", "reviewer_name", "owner_name", "sender_name", "recipient_name", "contact_name", "customer_name", "employee_name", "manager_name", "teacher_name",
				"student_name", "patient_name", "approver_name", "assignee_name", "creator_name", "editor_name", "person_name", "full_name", "guest_name", "doctor_name", "driver_name", "member_name") ||
			s.is("name") && s.someone() || s.is("display_name") && (s.someone() || !s.about(companyTables...) && s.besideAny("email", "username", "first", "avatar", "user")) || s.is("ship_name", "shipping_name", "billing_name", "bill_name", "delivery_name") && s.near("city", "address", "street", "country") ||
			len(s.words) > 1 && s.ends("name") && s.near("email", "e_mail", "email_address", "phone", "phone_a") && !s.has("company", "org", "organization", "user", "host", "file")
	}, func(s *site) yaml {
		if s.unique { // of a person of its own: those of a group may have the same name
			return short("person", "full_name")
		}
		return s.person("full_name", "full_name", "fullname", "display_name", "real_name", "name")
	}, 0.9},
	{"a person's gender", texts, func(s *site) bool { return s.is("gender", "sex") }, func(s *site) yaml {
		if !s.fits(6) {
			return short("pick", list([]string{"F", "M"}))
		}
		return s.person("gender", "gender", "sex")
	}, 0.9},
	{"a gender", texts, func(s *site) bool { return s.is("name") && s.about("gender") }, func(s *site) yaml { return short("word", "gender") }, 0.85},
	{"a form of address", texts, func(s *site) bool {
		return s.is("salutation", "honorific", "title_of_courtesy", "courtesy_title", "name_prefix") || s.is("title") && s.about(personTables...) && !s.employed()
	},
		func(s *site) yaml { return s.person("title", "title", "salutation") }, 0.7},
	{"a job title", texts, func(s *site) bool {
		return (s.is("job_title", "job", "occupation", "profession", "designation", "position", "position_title", "current_title", "current_position", "desired_title", "current_job") || s.ends("job_title", "contact_title") || s.is("title") && s.about(personTables...) && s.employed() || s.is("title", "name") && (s.about("title", "position", "designation", "occupation", "profession") && (s.of("job") || !s.about("title")) || s.about("job", "vacancy", "posting", "opening") && s.besideAny("salary", "employment", "department", "seniority", "recruiter", "requirements"))) && s.column.Type.Kind == texts[0]
	}, func(s *site) yaml { return short("word", "job_title") }, 0.85},
	{"a telephone number", texts, func(s *site) bool {
		return s.has("phone", "telephone", "mobile", "fax", "tel", "cell", "cellphone", "msisdn") && !s.has("type", "kind", "verified", "country") && !s.ends("url", "uri", "status", "state", "id")
	}, func(s *site) yaml { return short("person", "phone") }, 0.93},
	{"a telephone's extension", texts, func(s *site) bool {
		return s.is("extension", "ext", "phone_ext") && s.besideAny("phone", "telephone", "tel", "mobile") || s.ends("phone_extension", "phone_ext")
	}, func(s *site) yaml { return short("pattern", "[1-9][0-9]{2,3}") }, 0.93},
	{"a user name that is short", texts, func(s *site) bool {
		return s.unique && s.limit >= 6 && s.limit < 27 && (s.is("username", "user_name", "login", "nick", "handle") || s.ends("username") || s.is("name") && s.signsIn())
	}, func(s *site) yaml { return short("pattern", "[a-z]{3,"+itoa(min(s.limit-2, 8))+"}[1-9][0-9]?") }, 0.7},
	{"initials", texts, func(s *site) bool { return s.is("initials") }, func(s *site) yaml { return short("pattern", "[A-Z]{2}") }, 0.9},
}

// someone tells whether a row is about a person: by the table's name, or by what stands beside it.
func (s *site) someone() bool {
	if s.firm() {
		return false
	}
	return s.about(personTables...) || s.about("tenant") || s.beside("email", "e_mail", "mail", "email_address", "user_email") && s.besideAny("password", "passwd", "birthday", "birth", "surname") && !s.about(companyTables...) && !s.lookup()
}

// signsIn tells whether a row is someone who uses the system: a unique name is what they sign in with.
func (s *site) signsIn() bool {
	return s.someone() && (s.about("user", "account", "editor", "moderator", "admin", "operator", "member") || s.besideAny("password", "passwd"))
}

// employed tells whether a table is about people who work: then a title is that of a job.
func (s *site) employed() bool {
	return s.about("employee", "staff", "manager", "instructor") || s.besideAny("hire", "hired", "salary", "department", "manager", "courtesy", "job", "company", "employer")
}

// ownEmail tells whether an address at work, or a private one, is the first that the person of the row has.
func (s *site) ownEmail() bool {
	if !slices.Contains([]string{"work", "business", "company", "office", "primary", "main", "personal", "private",
		"corporate"}, s.words[0]) || !s.beside("last_name", "lastName", "lastname", "surname") {
		return false
	}
	for _, c := range s.table.schema.Columns {
		if w := splitName(c.Name); c.Type.Kind == column.Text && slices.Contains([]string{"email", "mail"},
			w[len(w)-1]) {
			return c.Name == s.column.Name
		}
	}
	return false
}

// person writes a person's field; last are the ends of names that it goes by, which give the group.
func (s *site) person(field string, last ...string) yaml {
	args := []any{"field", field, "group", s.group(last...)}
	if s.locale != "" && s.locale != "en_US" {
		args = append(args, "locale", s.locale)
	}
	return call("person", args...)
}

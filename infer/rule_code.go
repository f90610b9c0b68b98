package infer

import (
	"github.com/sowerdata/sower/sqlexpr"
	"strings"

	"github.com/sowerdata/sower/column"
)

// codeRules recognise identifiers that people or machines give.
var codeRules = []rule{
	{"the code of an airport", texts, func(s *site) bool {
		return s.is("iata", "iata_code", "airport_code") || s.ends("iata", "iata_code", "airport_iata") && s.limit <= 3
	}, func(s *site) yaml { return short("pattern", quote("[A-Z]{3}")) }, 0.93},
	{"a seat", texts, func(s *site) bool {
		return s.is("seat", "seat_number", "seat_no", "seat_code", "seat_label", "seat_assignment") && s.limit >= 3
	}, func(s *site) yaml { return short("pattern", quote("([1-9]|[1-5][0-9])[A-HJK]")) }, 0.88},
	{"a gate", texts, func(s *site) bool {
		return s.is("gate", "gate_number", "boarding_gate", "departure_gate", "arrival_gate") && s.limit != 1 &&
			s.limit != 2
	}, func(s *site) yaml {
		return short("pattern", quote("[A-E][1-9][0-9]?"))
	}, 0.85},
	{"a UUID", texts, func(s *site) bool { return s.has("uuid", "guid") && s.fits(32) }, func(s *site) yaml {
		if !s.fits(36) {
			return s.hex(32)
		}
		return short("pattern", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
	}, 0.92},
	{"the short key of a project", texts, func(s *site) bool {
		return (s.is("project_key", "ticket_prefix", "issue_prefix", "board_key", "space_key", "team_key") || s.is("key", "prefix") && s.about("project", "board", "team", "space")) && s.fits(4)
	}, func(s *site) yaml {
		if s.unique {
			return short("pattern", "[A-Z][A-Z0-9]{1,3}[A-Z]")
		}
		return short("pattern", "[A-Z]{2,4}")
	}, 0.9},
	{"a key", texts, func(s *site) bool {
		return s.is("id", "uid", "pk", "oid") && s.fits(8) && (s.key() || s.unique) && !s.lookup() && !s.about("country", "currency", "language", "locale", "setting", "config")
	}, func(s *site) yaml {
		switch n := s.limit; {
		case n == 0 || n >= 36:
			return short("pattern", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
		case n == 26:
			return short("pattern", "01[0-9A-HJKMNP-TV-Z]{24}")
		case n >= 25:
			return short("pattern", "c[a-z0-9]{24}")
		}
		return call("code", "type", "token", "digits", min(s.limit, 24))
	}, 0.85},
	{"a password's hash", texts, func(s *site) bool {
		return s.has("password", "passwd", "pwd", "passphrase") || s.is("hashed_secret", "password_digest") || strings.HasSuffix(s.words[len(s.words)-1], "passphrase")
	},
		func(s *site) yaml {
			if !s.fits(60) {
				return call("code", "type", "token", "digits", s.room(24))
			}
			return short("internet", "password_hash")
		}, 0.93},
	{"a hash", texts, func(s *site) bool {
		return s.has("hash", "digest", "checksum", "sha", "sha1", "sha256", "sha512", "md5", "fingerprint", "etag", "signature")
	}, func(s *site) yaml {
		switch {
		case s.has("md5"):
			return call("code", "type", "hash", "digits", 32)
		case s.has("sha1") || s.has("git", "commit", "tree", "blob") || s.is("sha"):
			return s.hex(40)
		case s.has("sha512"):
			return s.hex(128)
		}
		return s.hex(64)
	}, 0.9},
	{"a hash", blobs, func(s *site) bool {
		return s.has("hash", "digest", "checksum", "sha", "sha1", "sha256", "sha512", "md5", "fingerprint", "signature", "token", "secret", "nonce", "salt")
	}, func(s *site) yaml { return s.bytes() }, 0.85},
	{"bytes", blobs, func(s *site) bool {
		return s.has("bytes", "data", "blob", "payload", "content", "raw", "cbor", "binary", "body", "key")
	}, func(s *site) yaml { return s.bytes() }, 0.6},
	{"a commit", texts, func(s *site) bool {
		return s.is("commit", "commit_id", "oid", "rev", "revision", "head", "base_oid", "head_oid") && s.column.Type.Kind == column.Text && (s.limit == 0 || s.limit >= 40)
	},
		func(s *site) yaml { return s.hex(40) }, 0.75},
	{"a token", texts, func(s *site) bool {
		return s.has("token", "secret", "nonce", "salt", "apikey", "csrf", "otp") || s.ends("api_key", "access_key", "secret_key", "private_key", "privatekey", "session_key", "session_id", "sessionid", "key_hash")
	}, func(s *site) yaml {
		n := 32
		if s.limit > 0 {
			n = min(n, s.limit)
		}
		return call("code", "type", "token", "digits", n)
	}, 0.88},
	{"a stock keeping unit", texts, func(s *site) bool { return s.has("sku") }, func(s *site) yaml { return short("code", "sku") }, 0.92},
	{"a recording's code", texts, func(s *site) bool { return s.has("isrc") && s.fits(12) }, func(s *site) yaml {
		return short("pattern", "(US|GB|DE|FR|SE)[A-Z]{3}[0-2][0-9][0-9]{5}")
	}, 0.95},
	{"a musical key", texts, func(s *site) bool {
		return s.is("key", "musical_key", "key_signature") && s.of("track", "song", "music", "recording")
	}, func(s *site) yaml {
		return short("pick", list([]string{"C", "Cm", "D", "Dm", "E", "Em", "F", "Fm", "G", "Gm", "A", "Am", "Bb", "Bm", "Eb", "F#m"}))
	}, 0.95},
	{"the number of a room", texts, func(s *site) bool {
		return s.is("room_number", "room_no", "room_nr", "number") && s.about("room") || s.is("room_number", "room_no", "room")
	}, func(s *site) yaml {
		if s.unique {
			return short("pattern", "[1-9][0-9]{2,3}")
		}
		return short("pattern", "[1-9][0-3][0-9]")
	}, 0.9},
	{"a passport's number", texts, func(s *site) bool { return s.has("passport") && s.has("number", "no", "nr") && s.fits(9) }, func(s *site) yaml { return short("pattern", "[A-Z][0-9]{8}") }, 0.92},
	{"the code of a booking", texts, func(s *site) bool {
		return s.is("confirmation_code", "booking_code", "reservation_code", "booking_reference", "record_locator", "pnr", "booking_ref") && s.fits(6)
	}, func(s *site) yaml { return short("pattern", "[A-HJ-NP-Z2-9]{"+itoa(max(6, min(s.room(8), 8)))+"}") }, 0.92},
	{"an ISBN", texts, func(s *site) bool { return s.has("isbn", "isbn13") }, func(s *site) yaml {
		if s.limit > 0 && s.limit < 13 {
			return short("code", "isbn10")
		}
		return short("code", "isbn13")
	}, 0.95},
	{"a bar code", texts, func(s *site) bool { return s.has("ean", "ean13", "barcode", "gtin", "upc") }, func(s *site) yaml { return short("code", "ean13") }, 0.92},
	{"an IBAN", texts, func(s *site) bool { return s.has("iban") }, func(s *site) yaml { return short("code", "iban") }, 0.95},
	{"a bank's code", texts, func(s *site) bool { return s.has("bic", "swift") }, func(s *site) yaml { return short("code", "bic") }, 0.93},
	{"a card's number", texts, func(s *site) bool {
		return s.is("card_number", "credit_card", "cc_number", "credit_card_number", "pan")
	}, func(s *site) yaml { return short("code", "credit_card") }, 0.93},
	{"the last digits of a card", texts, func(s *site) bool { return s.ends("last4", "last_4", "last_four") }, func(s *site) yaml { return short("pattern", "[0-9]{4}") }, 0.93},
	{"a version", texts, func(s *site) bool { return s.ends("version", "semver") }, func(s *site) yaml { return short("code", "semver") }, 0.88},
	{"a licence plate", texts, func(s *site) bool { return s.has("plate") && s.has("license", "licence", "number") }, func(s *site) yaml { return short("code", "license_plate") }, 0.9},
	{"a vehicle's number", texts, func(s *site) bool { return s.is("vin") }, func(s *site) yaml { return short("code", "vin") }, 0.93},
	{"a serial number", texts, func(s *site) bool { return s.has("serial", "serialno") }, func(s *site) yaml { return short("code", "serial") }, 0.85},
	{"a currency", texts, func(s *site) bool { return s.has("currency") || s.is("code", "iso_code") && s.of("currency") }, func(s *site) yaml {
		if s.is("currency_name") || s.is("name") {
			return short("word", "currency_name")
		}
		return s.common("currency")
	}, 0.92},
	{"a locale", texts, func(s *site) bool { return s.is("locale", "lang_code", "culture") && s.fits(5) }, func(s *site) yaml { return s.common("locale") }, 0.92},
	{"languages that someone speaks", texts, func(s *site) bool { return s.is("languages", "languages_spoken", "spoken_languages") && s.fits(16) }, func(s *site) yaml {
		return short("pick", list([]string{"English", "English", "English, Spanish", "English, French", "English, German", "Spanish", "German", "French", "English, Italian", "English, Mandarin"}))
	}, 0.9},
	{"a language", texts, func(s *site) bool { return s.has("language", "lang", "locale") || s.is("name") && s.of("language") }, func(s *site) yaml {
		if usual, _ := sqlexpr.Constant(s.column.Default); s.has("code", "iso", "lang", "locale") || s.limit > 0 && s.limit < 12 || len(usual) == 2 {
			return s.common("language_code")
		}
		return s.common("language")
	}, 0.9},
	{"a colour", texts, func(s *site) bool {
		return s.has("color", "colour") || strings.HasSuffix(s.words[len(s.words)-1], "color")
	}, func(s *site) yaml {
		if s.limit == 6 {
			return short("pattern", "[0-9A-F]{6}")
		}
		if s.limit > 0 && s.limit <= 7 || s.has("hex") {
			return short("code", "hex_color")
		}
		return short("word", "color")
	}, 0.88},
	{"a quarter of a year", texts, func(s *site) bool {
		return s.ends("period", "quarter", "cycle") && len(s.words) > 1 && s.limit >= 7 && s.limit <= 20 && !s.has("time", "trial", "billing", "grace")
	}, func(s *site) yaml { return short("pattern", "202[3-5]-Q[1-4]") }, 0.7},
	{"a month of a year", texts, func(s *site) bool {
		return s.is("month", "year_month", "billing_month", "period", "billing_period", "fiscal_period") && s.limit >= 7 && s.limit <= 20
	}, func(s *site) yaml { return short("pattern", "202[3-5]-(0[1-9]|1[0-2])") }, 0.7},
	{"an academic year", texts, func(s *site) bool {
		return s.is("academic_year", "school_year", "season") && s.limit >= 7 && s.limit <= 20
	}, func(s *site) yaml { return short("pick", list([]string{"2022/23", "2023/24", "2024/25", "2025/26"})) }, 0.8},
	{"the number of a parcel", texts, func(s *site) bool {
		return s.has("tracking") && s.has("number", "no", "code", "id") && s.fits(13)
	}, func(s *site) yaml { return short("pattern", "[A-Z]{2}[0-9]{9}(US|GB|DE|FR|NL)") }, 0.9},
	{"the number of a house", texts, func(s *site) bool {
		return s.is("house_number", "house_no", "house_nr", "street_number", "street_no", "number") && s.fits(4) && s.near("street", "street_name", "city") || s.is("house_number", "house_no", "street_number")
	}, func(s *site) yaml {
		if s.limit > 0 && s.limit < 4 {
			return short("pattern", "[1-9][0-9]{0,2}")
		}
		return short("pattern", "[1-9][0-9]{0,2}[a-c]?")
	}, 0.9},
	{"an order's number", texts, func(s *site) bool {
		return s.ends("order_number", "order_no", "order_nr", "invoice_number", "invoice_no", "invoice_nr", "ticket_number", "ticket_no", "reference_number", "receipt_number", "confirmation_number", "po_number") || s.is("number") && s.of("order", "invoice", "ticket")
	}, func(s *site) yaml {
		for _, p := range [][2]string{{"invoice", "INV"}, {"ticket", "TKT"}, {"receipt", "REC"}, {"po", "PO"}} {
			if (s.has(p[0]) || s.of(p[0])) && s.fits(10) {
				return short("pattern", p[1]+"-[1-9][0-9]{5}")
			}
		}
		return short("code", "order_number")
	}, 0.85},
	{"an account's number", texts, func(s *site) bool {
		return s.ends("account_number", "account_no", "routing_number", "customer_number", "member_number") && s.fits(8)
	}, func(s *site) yaml { return short("pattern", "[1-9][0-9]{"+itoa(s.room(9)-1)+"}") }, 0.88},
	{"a tax number", texts, func(s *site) bool {
		return s.ends("vat_number", "vat_id", "vat", "tax_number", "tax_id", "vat_no") && s.fits(11)
	}, func(s *site) yaml { return short("pattern", "(DE|FR|IT|ES|NL|AT)[1-9][0-9]{8}") }, 0.88},
	{"a catalogue's number", texts, func(s *site) bool {
		return s.ends("catalog_number", "catalogue_number", "catalog_no", "part_number", "model_number", "item_number", "article_number") && s.fits(9)
	}, func(s *site) yaml { return short("pattern", "[A-Z]{2,4}-[1-9][0-9]{2,3}") }, 0.86},
	{"a coupon", texts, func(s *site) bool {
		return s.has("coupon", "voucher", "promo") && s.has("code") || s.is("code") && s.of("coupon", "voucher", "promotion", "discount")
	},
		func(s *site) yaml { return short("code", "coupon") }, 0.88},
	{"a number of a paper", texts, func(s *site) bool {
		return s.ends("number", "no", "nr", "num", "nbr") && len(s.words) > 1 && s.fits(6) || s.is("number") && s.fits(6)
	}, func(s *site) yaml { return short("pattern", "[A-Z]{2}[1-9][0-9]{3,5}") }, 0.65},
	{"an identifier of another system", texts, func(s *site) bool {
		return s.ends("external_id", "ref", "reference", "guid", "public_id", "uid", "key", "identifier", "correlation_id", "request_id", "trace_id", "code", "transaction_id") || len(s.words) > 1 && s.ends("id")
	}, func(s *site) yaml {
		n := 12
		if s.limit > 0 {
			n = min(n, s.limit)
		}
		if s.ends("code") && n >= 6 {
			return short("pattern", "[A-Z]{3}[0-9]{3}")
		}
		return call("code", "type", "token", "digits", n)
	}, 0.6},
}

// room gives n, or as many characters as the text holds where those are fewer.
func (s *site) room(n int) int {
	if s.limit > 0 {
		return min(n, s.limit)
	}
	return n
}

// hex writes a hash of so many digits, of fewer where there is no room.
func (s *site) hex(n int) yaml {
	if s.limit > 0 {
		n = min(n, s.limit)
	}
	return call("code", "type", "hash", "digits", n)
}

// key tells whether the column alone is its table's primary key.
func (s *site) key() bool {
	pk := s.table.schema.PrimaryKey
	return pk != nil && len(pk.Columns) == 1 && pk.Columns[0] == s.column.Name
}

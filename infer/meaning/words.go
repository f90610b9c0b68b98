package meaning

// abbreviations are what old schemas write for words, and what schemas in German do.
var abbreviations = func() map[string][]string {
	out := map[string][]string{}
	for short, long := range map[string]string{
		"qty": "quantity", "qnty": "quantity", "quant": "quantity", "amt": "amount", "nm": "name", "cd": "code", "dt": "date", "ts": "timestamp", "no": "number", "nr": "number",
		"num": "number", "nbr": "number", "adr": "address", "addr": "address", "desc": "description", "descr": "description", "pct": "percent", "perc": "percent", "cnt": "count",
		"tot": "total", "prc": "price", "disc": "discount", "cust": "customer", "ord": "order", "prod": "product", "inv": "invoice", "acct": "account", "org": "organization",
		"organisation": "organization", "dept": "department", "emp": "employee", "cat": "category", "lvl": "level", "len": "length", "hgt": "height", "wgt": "weight", "wt": "weight",
		"avg": "average", "mean": "average", "minimum": "min", "maximum": "max", "uprice": "price", "ccy": "currency", "curr": "currency", "tel": "phone", "cancelled": "canceled",
		"cancellation": "cancel", "authorised": "authorized", "stat": "status", "sts": "status", "flg": "flag", "grp": "group", "mgr": "manager", "yr": "year", "percentage": "percent",
	} {
		out[short] = []string{long}
	}
	return out
}()

// spelt are those that nobody writes for anything else: every reader of names takes them for the words that they stand for.
var spelt = func() map[string][]string {
	out := map[string][]string{}
	for _, list := range []map[string]string{english, german} {
		for short, long := range list {
			out[short] = splitWords(long)
		}
	}
	return out
}()

// english are words without their vowels, as databases of thirty characters a name have them.
var english = map[string]string{
	"nm": "name", "cd": "code", "dt": "date", "dte": "date", "dttm": "timestamp", "tmstmp": "timestamp", "amt": "amount", "flg": "flag", "qnty": "quantity", "prc": "price", "ccy": "currency", "curr": "currency",
	"cust": "customer", "cstmr": "customer", "prod": "product", "prd": "product", "acct": "account", "usr": "user", "adr": "address", "tot": "total", "stk": "stock", "wgt": "weight", "hgt": "height",
	"fst": "first", "frst": "first", "lst": "last", "lgn": "login", "eml": "email", "brth": "birth", "bday": "birthday", "gndr": "gender", "cty": "city", "pstl": "postal", "zipcd": "zip", "cntry": "country", "ctry": "country",
	"prov": "province", "crt": "created", "crtd": "created", "upd": "updated", "updt": "updated", "cncl": "cancelled", "dlv": "delivered", "dlvr": "delivered",
	"rcvd": "received", "pln": "plan", "tnt": "tenant", "mbr": "member", "mbrshp": "membership", "subscr": "subscription", "subscrptn": "subscription",
	"inv": "invoice", "ordr": "order", "itm": "item", "cmt": "comment", "cmnt": "comment", "rvw": "review", "rtng": "rating", "txt": "text", "rmrk": "remark", "rmrks": "remark", "prnt": "parent",
	"athr": "author", "lvl": "level", "grs": "gross", "cst": "cost", "unt": "unit", "dflt": "default", "aprv": "approved", "stat": "status", "typ": "type",
	"catg": "category", "mgr": "manager", "emp": "employee", "empl": "employee", "hlpfl": "helpful", "warehse": "warehouse", "whse": "warehouse", "sply": "supply", "vndr": "vendor", "vend": "vendor",
	"supl": "supplier", "splr": "supplier", "shpmt": "shipment", "pymt": "payment", "pmt": "payment", "trx": "transaction", "txn": "transaction",
	"clm": "claim", "lctn": "location", "bldg": "building", "mth": "month", "yr": "year", "rsn": "reason", "actv": "active", "grp": "group", "lbl": "label",
	"dscnt": "discount", "mfr": "manufacturer", "mfg": "manufacturer", "freq": "frequency", "phn": "phone", "strt": "start", "cnt": "count",
}

// weak are abbreviations that mean something else too: they are read so beside others.
var weak = map[string]string{
	"exp": "expires", "ttl": "title", "auth": "author", "cat": "category", "st": "state", "sub": "subscription", "act": "active", "del": "deleted", "mod": "modified", "loc": "location", "pol": "policy", "fl": "floor", "rm": "room",
	"ln": "line", "ord": "order", "bal": "balance", "trans": "transaction", "pd": "paid", "eff": "effective", "ph": "phone", "disc": "discount", "shp": "shipping", "rej": "rejected", "appr": "approved", "supp": "supplier", "sal": "salary",
	"wh": "warehouse", "cre": "created", "sts": "status", "beg": "begin", "trn": "transaction", "ship": "shipping", "ind": "flag", "art": "article", "ext": "external", "str": "street", "geb": "birth", "pat": "patient", "re": "invoice", "std": "hours", "ma": "employee",
}

// beside are short words that say that a name is made of such.
var beside = set("no nr num nbr qty pct perc id nm")

// german are the words of schemas in German that are none in English.
var german = map[string]string{
	"vorname": "first name", "nachname": "last name", "familienname": "last name", "vname": "first name", "nname": "last name", "anrede": "salutation", "titel": "title", "geschlecht": "gender", "geschl": "gender", "geburtsdatum": "birth date", "geburtstag": "birth date",
	"dat": "date", "datum": "date", "zeit": "time", "zeitpunkt": "timestamp", "strasse": "street", "hausnr": "house number", "hausnummer": "house number", "plz": "postal code", "postleitzahl": "postal code", "ort": "city", "stadt": "city", "telefon": "phone", "telefonnummer": "phone",
	"mobil": "mobile", "bezeichnung": "name", "bez": "name", "beschreibung": "description", "bemerkung": "remark", "kommentar": "comment", "menge": "quantity", "anzahl": "count", "anz": "count", "einheit": "unit", "preis": "price", "einzelpreis": "unit price", "gesamtpreis": "total price", "gesamt": "total",
	"betrag": "amount", "summe": "total", "netto": "net amount", "brutto": "gross amount", "mwst": "vat", "ust": "vat", "satz": "rate", "rabatt": "discount", "rechnung": "invoice", "rechnungen": "invoice", "rechnungsnr": "invoice number", "kunde": "customer", "kunden": "customer", "kundennr": "customer number", "artikel": "article", "artikelnr": "article number",
	"bestellung": "order", "bestellungen": "order", "auftrag": "order", "lieferung": "delivery", "lieferant": "supplier", "hersteller": "manufacturer", "firma": "company", "mitarbeiter": "employee", "abteilung": "department", "gehalt": "salary", "eintritt": "hire", "austritt": "termination", "angelegt": "created", "erstellt": "created", "geaendert": "updated",
	"geloescht": "deleted", "bezahlt": "paid", "faellig": "due", "storniert": "cancelled", "abgesagt": "cancelled", "beginn": "start", "anfang": "start", "ende": "end", "dauer": "duration", "grund": "reason", "patient": "patient", "verstorben": "deceased", "stockwerk": "floor", "zimmer": "room", "betten": "beds",
	"gewicht": "weight", "groesse": "height", "hoehe": "height", "breite": "width", "laenge": "length", "farbe": "color", "waehrung": "currency", "sprache": "language", "blutgruppe": "blood type", "aktiv": "active", "versandt": "shipped", "geliefert": "delivered", "bestellt": "ordered", "gueltig": "valid", "ablauf": "expires", "konto": "account",
	"kontonr": "account number", "benutzer": "user", "passwort": "password", "kennwort": "password", "rolle": "role", "bewertung": "rating", "nutzer": "user", "lager": "warehouse", "bestand": "stock", "mindestbestand": "min stock", "lagerort": "location", "kuerzel": "short code", "nummer": "number", "seite": "side", "lieferschein": "delivery note", "am": "on", "aufnahme": "admission", "stamm": "master", "stammdaten": "master", "staerke": "strength", "dosierung": "dosage", "mahnstufe": "level", "woche": "week", "kommentare": "comment", "verweildauer": "length of stay", "leistung": "service", "entlassung": "discharge", "aufn": "admission", "entl": "discharge", "diag": "diagnosis", "wirkstoff": "drug", "medikament": "medication", "darreichung": "dosage form", "kz": "code", "gehaltsstufe": "salary grade", "fachabt": "department", "termin": "appointment", "funktion": "job title", "durchwahl": "extension", "ist": "is", "monat": "month", "jahr": "year", "stunden": "hours", "tage": "days", "bis": "until", "von": "from", "krankenkasse": "company",
	"leser": "member", "ausweis": "card", "ausweisnr": "card number", "angemeldet": "registered", "gesperrt": "blocked",
	"gebuehr": "fee", "gebuehren": "fees", "ausleihe": "loan", "ausleihen": "loans", "ausgeliehen": "borrowed",
	"zurueckgegeben": "returned", "verlaengerungen": "renewal count", "verlaengert": "renewed", "mahnung": "reminder",
	"mahnungen": "reminders", "stufe": "level", "vormerkung": "reservation", "vormerkungen": "reservations",
	"vorgemerkt": "reserved", "abgeholt": "collected", "bereit": "ready", "verlag": "publisher", "autor": "author",
	"gruendungsjahr": "founded year", "geburtsjahr": "birth year", "todesjahr": "death year",
	"nationalitaet": "nationality", "untertitel": "subtitle", "erscheinungsjahr": "publication year",
	"auflage": "edition", "seitenzahl": "page count", "medienart": "media type", "exemplar": "copy",
	"exemplare": "copies", "zweigstelle": "branch", "inventarnr": "inventory number", "standort": "location",
	"ausgesondert": "retired", "angeschafft": "acquired", "anschaffungspreis": "purchase price", "sterne": "stars",
	"durchschnittsbewertung": "average rating", "reihenfolge": "sort order", "offene": "open", "faelligkeit": "due",
	"faelligkeitsdatum": "due date", "bestelldatum": "order date", "lieferdatum": "delivery date",
	"rechnungsdatum": "invoice date", "rechnungsnummer": "invoice number", "bestellnummer": "order number",
	"kundennummer": "customer number", "artikelnummer": "article number", "positionen": "items",
	"gesamtbetrag": "total amount", "nettobetrag": "net amount", "bruttobetrag": "gross amount", "steuer": "tax",
	"steuersatz": "tax rate", "versandkosten": "shipping cost", "versand": "shipping", "zahlung": "payment",
	"zahlungen": "payments", "zahlart": "payment method", "zahlungsart": "payment method", "mahngebuehr": "late fee",
	"gutschrift": "refund", "lieferanschrift": "shipping address", "rechnungsanschrift": "billing address",
	"anschrift": "address", "adresse": "address", "postfach": "po box", "bundesland": "state", "staat": "country",
	"vertrag": "contract", "vertraege": "contracts", "laufzeit": "term", "kuendigung": "termination",
	"gekuendigt": "terminated", "verein": "club", "mitglied": "member", "mitglieder": "members",
	"mitgliedsnr": "member number", "beitrag": "fee", "kurs": "course", "kurse": "courses", "teilnehmer": "participant",
	"anmeldung": "registration", "anmeldungen": "registrations", "veranstaltung": "event", "raum": "room",
	"kapazitaet": "capacity", "plaetze": "seats", "frei": "free", "belegt": "occupied", "fahrzeug": "vehicle",
	"fahrer": "driver", "kennzeichen": "license plate", "kilometerstand": "mileage", "marke": "brand",
	"baujahr": "model year", "fahrt": "ride", "schueler": "pupil", "lehrer": "teacher", "klasse": "class",
	"fach": "subject", "zeugnis": "report", "versicherung": "insurance", "schaden": "claim", "praemie": "premium",
	"buchung": "booking", "buchungen": "bookings", "gaeste": "guests", "anreise": "checkin", "abreise": "checkout",
	"naechte": "nights", "uhrzeit": "time", "kategorie": "category", "kategorien": "categories", "produkt": "product",
	"produkte": "products", "lagerbestand": "stock", "eingang": "receipt", "wareneingang": "goods receipt",
	"ausgang": "issue", "bewegung": "movement", "lagerbewegung": "stock movement", "vorgang": "case", "aufgabe": "task",
	"projekt": "project", "prioritaet": "priority", "verantwortlich": "owner", "verfasser": "author",
	"inhalt": "content", "betreff": "subject", "nachricht": "message", "gelesen": "read", "gesendet": "sent",
	"veroeffentlicht": "published", "freigegeben": "approved", "abgelehnt": "rejected", "abgeschlossen": "completed",
	"begonnen": "started", "beendet": "ended", "eroeffnet": "opened", "geschlossen": "closed",
	"bearbeitet": "processed", "eingestellt": "hired", "ausgeschieden": "left", "geboren": "born",
	"aktualisiert": "updated", "gestartet": "started", "erledigt": "done", "bestaetigt": "confirmed",
	"ausgestellt": "issued", "gutschein": "coupon", "rueckgabe": "return", "buch": "book", "buecher": "books",
	"kosten": "cost", "gebucht": "booked", "mindestmenge": "min quantity", "verfuegbar": "available",
	"reserviert": "reserved", "gesamtsumme": "grand total", "zwischensumme": "subtotal",
	"einkaufspreis": "purchase price", "verkaufspreis": "selling price", "listenpreis": "list price",
	"stueckpreis": "unit price", "stueckzahl": "quantity", "lohn": "wage", "arbeitszeit": "hours", "urlaub": "leave",
	"krank": "sick", "schicht": "shift", "beschr": "description", "firmenname": "company name",
	"ansprechpartner": "contact name", "webseite": "website",
}

func splitWords(text string) (out []string) {
	begin := 0
	for i := 0; i <= len(text); i++ {
		if i == len(text) || text[i] == ' ' {
			out = append(out, text[begin:i])
			begin = i + 1
		}
	}
	return out
}

// Spell writes out those of a name's words that are abbreviations of nothing else, or German. It gives nil where there
// are none.
func Spell(words []string) (out []string) {
	short, changed, n := false, false, 0
	for _, w := range words {
		if weak[w] != "" {
			n++
		}
		short = short || spelt[w] != nil || beside[w] || n > 1
	}
	for _, w := range words {
		long := spelt[w]
		if long == nil && short && weak[w] != "" && len(words) > 1 {
			long = []string{weak[w]}
		}
		if long == nil {
			out = append(out, w)
			continue
		}
		out, changed = append(out, long...), changed || len(long) > 1 || long[0] != w
	}
	if !changed {
		return nil
	}
	return out
}

// Expand writes the abbreviations among a name's words out.
func Expand(words []string) []string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		if long := abbreviations[w]; long != nil {
			out = append(out, long...)
			continue
		}
		out = append(out, w)
	}
	return out
}

// units say in what a number counts; they are no part of what it means.
var units = set("cents cent minor usd eur gbp kg g mg cm cm3 mm km ms seconds minutes pallets kwh mwh wh litres liters")

// physical are those of them that count no money.
var physical = set("kg g mg cm cm3 mm km ms seconds minutes hours pallets kwh mwh wh litres liters")

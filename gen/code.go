package gen

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
)

// Code draws codes that people and machines know things by. Those with a check digit have the right
// one: iban, credit_card, imei, ean13, ean8, upc, isbn13, isbn10, issn and vin. None is anybody's but by accident.
type Code struct {
	Type    string `yaml:"type" short:"true" required:"true" desc:"md5, sha1, sha256, sha512, git, hash, token, base64, api_key, ulid, nanoid, otp, hex_color, semver, iban, bic, credit_card, imei, ean13, ean8, upc, isbn13, isbn10, issn, vin, license_plate, sku, serial, order_number, invoice_number, customer_number, tracking_number, coupon or ticket"`
	Country string `yaml:"country" desc:"iban: the country, by its code of two letters (default: one of eight)"`
	Digits  int    `yaml:"digits" desc:"hash, token, base64, otp: the number of characters (default 40, 32, 24, 6)"`
	Upper   bool   `yaml:"upper" desc:"hash digits are written with capital letters"`
}

// codePatterns are the codes that a regular expression says all about.
var codePatterns = map[string]string{
	"md5":             `[0-9a-f]{32}`,
	"sha1":            `[0-9a-f]{40}`,
	"sha256":          `[0-9a-f]{64}`,
	"sha512":          `[0-9a-f]{128}`,
	"git":             `[0-9a-f]{7}`,
	"hash":            `[0-9a-f]{%d}`,
	"token":           `[A-Za-z0-9]{%d}`,
	"base64":          `[A-Za-z0-9+/]{%d}`,
	"otp":             `[0-9]{%d}`,
	"api_key":         `key_[a-z0-9]{32}`,
	"ulid":            `01[HJK][0-9A-HJKMNP-TV-Z]{23}`,
	"nanoid":          `[A-Za-z0-9_-]{21}`,
	"hex_color":       `#[0-9a-f]{6}`,
	"semver":          `[0-9]\.(0|[1-9]|1[0-9])\.(0|[1-9]|[1-3][0-9])`,
	"bic":             `[A-Z]{4}(AT|BE|CH|DE|ES|FR|GB|IT|NL|US)[A-Z2-9]{2}(XXX)?`,
	"license_plate":   `[A-Z]{3}-[0-9]{4}`,
	"sku":             `[A-Z]{3}-[0-9]{4}-[A-Z]{2}`,
	"serial":          `[A-Z]{2}[0-9]{8}`,
	"order_number":    `ORD-[1-9][0-9]{6}`,
	"invoice_number":  `INV-20(1[5-9]|2[0-5])-[0-9]{6}`,
	"customer_number": `C-[1-9][0-9]{6}`,
	"tracking_number": `1Z[0-9A-Z]{6}[0-9]{10}`,
	"coupon":          `(SAVE|SUMMER|WELCOME|SPRING|VIP|FLASH|THANKS|AUTUMN)[1-9][05]-[A-Z0-9]{4}`,
	"ticket":          `[A-Z]{2,4}-[1-9][0-9]{0,4}`,
}

// checked are the codes that end in, or hold, check digits.
var checked = map[string]struct {
	digits int // that are free
	write  func(b []byte, d dealer) []byte
}{
	"ean13":       {12, func(b []byte, d dealer) []byte { return weighed(b, &d, "", 12, 1, 3) }},
	"ean8":        {7, func(b []byte, d dealer) []byte { return weighed(b, &d, "", 7, 3, 1) }},
	"upc":         {11, func(b []byte, d dealer) []byte { return weighed(b, &d, "", 11, 3, 1) }},
	"isbn13":      {9, func(b []byte, d dealer) []byte { return weighed(b, &d, "978", 9, 1, 3) }},
	"isbn10":      {9, func(b []byte, d dealer) []byte { return elevens(b, &d, 9, false) }},
	"issn":        {7, func(b []byte, d dealer) []byte { return elevens(b, &d, 7, true) }},
	"credit_card": {13, func(b []byte, d dealer) []byte { return luhn(b, &d, [2]string{"42", "51"}[d.deal(2)], 13) }},
	"imei":        {12, func(b []byte, d dealer) []byte { return luhn(b, &d, "35", 12) }},
	"iban":        {digits: 10}, // see iban
	"vin":         {12, vin},
}

// OutputVersion implements Maker.
func (*Code) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Code) Make(c *Context) (Filler, error) {
	what := "code " + m.Type
	usual, sized := map[string]int{"hash": 40, "token": 32, "base64": 24, "otp": 6}[m.Type]
	switch {
	case m.Country != "" && m.Type != "iban":
		return nil, fmt.Errorf("country goes with iban: %q has none", m.Type)
	case m.Digits != 0 && !sized:
		return nil, fmt.Errorf("digits goes with hash, token, base64 and otp: %q has its own length", m.Type)
	case m.Digits < 0 || m.Digits > 1000:
		return nil, fmt.Errorf("digits is %d: 1 to 1000", m.Digits)
	case m.Digits > 0:
		usual = m.Digits
	}
	if pattern, ok := codePatterns[m.Type]; ok {
		if sized {
			pattern = fmt.Sprintf(pattern, usual)
		}
		if m.Upper {
			if !strings.HasPrefix(pattern, "[0-9a-f]") {
				return nil, fmt.Errorf("upper goes with hashes, and %s is none", m.Type)
			}
			pattern = strings.Replace(pattern, "a-f", "A-F", 1)
		}
		f, err := regexForm(pattern, 0)
		if err != nil {
			return nil, err
		}
		return newDrawn(what, c.Key, f, nil, pattern), nil
	}
	k, ok := checked[m.Type]
	if !ok {
		return nil, unknownField(m.Type, slices.AppendSeq(slices.Collect(maps.Keys(codePatterns)), maps.Keys(checked)))
	}
	if m.Upper {
		return nil, fmt.Errorf("upper goes with hashes, and %s is none", m.Type)
	}
	card := uint64(2)
	if m.Type != "credit_card" {
		card = 1
	}
	accounts := ibans[:anyIBAN]
	if m.Type == "iban" {
		if m.Country != "" {
			i := slices.IndexFunc(ibans, func(b ibanForm) bool { return b.country == m.Country })
			if i < 0 {
				return nil, fmt.Errorf("country is %q: the IBANs of %s are known", m.Country, ibanCountries())
			}
			accounts = ibans[i : i+1]
		}
		card = uint64(len(accounts))
	}
	for range k.digits {
		card *= 10
	}
	f := &counted{what: what, key: c.Key, kind: column.Text, card: card}
	f.write = func(b []byte, i uint64) []byte {
		return k.write(b, dealer{i, i, card})
	}
	if m.Type == "iban" {
		f.write = func(b []byte, i uint64) []byte {
			return iban(b, dealer{i, i, card}, accounts)
		}
		for _, a := range accounts {
			f.maxLen = max(f.maxLen, len("DE00")+len(a.bank)+a.digits)
		}
		return f, nil
	}
	f.maxLen = len(f.write(nil, 0))
	return f, nil
}

// digitsOf appends n digits.
func digitsOf(b []byte, d *dealer, n int) []byte {
	for range n {
		b = append(b, byte('0'+d.deal(10)))
	}
	return b
}

// weighed appends digits and the one that makes their sum, weighed in turn, a multiple of ten (GS1).
func weighed(b []byte, d *dealer, begins string, n, first, second int) []byte {
	begin := len(b)
	b = digitsOf(append(b, begins...), d, n)
	sum := 0
	for i, c := range b[begin:] {
		w := first
		if i%2 == 1 {
			w = second
		}
		sum += w * int(c-'0')
	}
	return append(b, byte('0'+(10-sum%10)%10))
}

// elevens appends digits and the one that makes their sum, weighed by their place from the right, a
// multiple of eleven; ten is X (ISO 2108 of 1978, ISO 3297).
func elevens(b []byte, d *dealer, n int, dash bool) []byte {
	sum := 0
	for i := range n {
		if dash && i == 4 {
			b = append(b, '-')
		}
		x := int(d.deal(10))
		sum += x * (n + 1 - i)
		b = append(b, byte('0'+x))
	}
	if x := (11 - sum%11) % 11; x < 10 {
		return append(b, byte('0'+x))
	}
	return append(b, 'X')
}

// luhn appends digits and the check digit of ISO/IEC 7812.
func luhn(b []byte, d *dealer, begins string, n int) []byte {
	begin := len(b)
	b = digitsOf(append(b, begins...), d, n)
	sum := 0
	for i := range len(b) - begin {
		x := int(b[len(b)-1-i] - '0')
		if i%2 == 0 {
			if x *= 2; x > 9 {
				x -= 9
			}
		}
		sum += x
	}
	return append(b, byte('0'+(10-sum%10)%10))
}

// ibanForm is a country, what stands at the beginning of its account numbers, and the digits after it.
type ibanForm struct {
	country, bank string
	digits        int
}

// ibans are those that are known (SWIFT's IBAN Registry). Order is part of the output: append, never reorder.
var ibans = []ibanForm{
	{"DE", "", 18}, {"AT", "", 16}, {"ES", "", 20}, {"FR", "", 23}, {"CH", "", 17}, {"BE", "", 12}, {"NL", "ABNA", 10}, {"GB", "NWBK", 14},
	{"IT", "X", 22}, {"SE", "", 20}, {"PL", "", 24}, {"PT", "", 21}, {"IE", "AIBK", 14}, {"DK", "", 14}, {"FI", "", 14}, {"NO", "", 11}, {"CZ", "", 20}, {"LU", "", 16},
}

// anyIBAN is how many of them are drawn from where no country is given.
const anyIBAN = 8

func ibanCountries() string {
	var codes []string
	for _, b := range ibans {
		codes = append(codes, b.country)
	}
	slices.Sort(codes)
	return strings.Join(codes, ", ")
}

// iban appends an account number with the check digits of ISO 13616.
func iban(b []byte, d dealer, forms []ibanForm) []byte {
	k := forms[d.deal(uint64(len(forms)))]
	begin := len(b)
	b = append(append(append(b, k.country...), "00"...), k.bank...)
	b = digitsOf(b, &d, k.digits)
	rest := 0
	add := func(c byte) {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	for _, c := range b[begin+4:] {
		add(c)
	}
	for _, c := range b[begin : begin+4] {
		add(c)
	}
	check := 98 - rest
	b[begin+2], b[begin+3] = byte('0'+check/10), byte('0'+check%10)
	return b
}

// vin appends a vehicle identification number with the check digit of ISO 3779 as North America has it.
func vin(b []byte, d dealer) []byte {
	const letters, values, weights = "ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", "\x08\x07\x06\x05\x04\x03\x02\x0a\x00\x09\x08\x07\x06\x05\x04\x03\x02"
	begin := len(b)
	b = append(b, [4]string{"1HG", "2FT", "5YJ", "WBA"}[d.deal(4)]...)
	for range 5 {
		b = append(b, letters[d.deal(uint64(len(letters)))])
	}
	b = append(b, '0')
	b = append(b, letters[d.deal(13)], 'A')
	b = digitsOf(b, &d, 6)
	sum := 0
	for i, c := range b[begin:] {
		x := int(c - '0')
		if c >= 'A' {
			x = int(values[strings.IndexByte(letters, c)] - '0')
		}
		sum += x * int(weights[i])
	}
	if b[begin+8] = byte('0' + sum%11); sum%11 == 10 {
		b[begin+8] = 'X'
	}
	return b
}

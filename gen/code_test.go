package gen

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
)

// checks say whether a code is right, each by the definition of its check digit.
var checks = map[string]func(s string) bool{
	"ean13":       func(s string) bool { return len(s) == 13 && gs1(s) },
	"ean8":        func(s string) bool { return len(s) == 8 && gs1(s) },
	"upc":         func(s string) bool { return len(s) == 12 && gs1(s) },
	"isbn13":      func(s string) bool { return len(s) == 13 && strings.HasPrefix(s, "978") && gs1(s) },
	"isbn10":      func(s string) bool { return len(s) == 10 && eleven(s) },
	"issn":        func(s string) bool { return len(s) == 9 && s[4] == '-' && eleven(strings.Replace(s, "-", "", 1)) },
	"credit_card": func(s string) bool { return len(s) == 16 && doubled(s) },
	"imei":        func(s string) bool { return len(s) == 15 && doubled(s) },
	"iban":        ninetySeven,
	"vin":         vehicle,
}

// gs1: with weights 1 and 3 from the right, the sum is a multiple of ten.
func gs1(s string) bool {
	sum := 0
	for i := range len(s) {
		sum += int(s[len(s)-1-i]-'0') * (1 + i%2*2)
	}
	return sum%10 == 0
}

func eleven(s string) bool {
	sum := 0
	for i := range len(s) {
		x := int(s[i] - '0')
		if s[i] == 'X' {
			x = 10
		}
		sum += x * (len(s) - i)
	}
	return sum%11 == 0
}

func doubled(s string) bool {
	sum := 0
	for i := range len(s) {
		x := int(s[len(s)-1-i]-'0') * (1 + i%2)
		sum += x/10 + x%10
	}
	return sum%10 == 0
}

func ninetySeven(s string) bool {
	lengths := map[string]int{"DE": 22, "AT": 20, "ES": 24, "FR": 27, "CH": 21, "BE": 16, "NL": 18, "GB": 22,
		"IT": 27, "SE": 24, "PL": 28, "PT": 25, "IE": 22, "DK": 18, "FI": 18, "NO": 15, "CZ": 24, "LU": 20}
	digits := ""
	for _, c := range s[4:] + s[:4] {
		if c >= 'A' {
			digits += fmt.Sprint(c - 'A' + 10)
		} else {
			digits += string(c)
		}
	}
	n, ok := new(big.Int).SetString(digits, 10)
	return ok && len(s) == lengths[s[:2]] && new(big.Int).Mod(n, big.NewInt(97)).Int64() == 1
}

func vehicle(s string) bool {
	values := map[rune]int{'A': 1, 'B': 2, 'C': 3, 'D': 4, 'E': 5, 'F': 6, 'G': 7, 'H': 8, 'J': 1, 'K': 2, 'L': 3, 'M': 4, 'N': 5, 'P': 7, 'R': 9,
		'S': 2, 'T': 3, 'U': 4, 'V': 5, 'W': 6, 'X': 7, 'Y': 8, 'Z': 9}
	weights := []int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}
	if len(s) != 17 {
		return false
	}
	sum := 0
	for i, c := range s {
		x := int(c - '0')
		if c >= 'A' {
			x = values[c]
		}
		sum += x * weights[i]
	}
	want := byte('0' + sum%11)
	if sum%11 == 10 {
		want = 'X'
	}
	return s[8] == want
}

func TestIBANOfCountry(t *testing.T) {
	wantError(t, "code: {type: md5, country: DE}", `country goes with iban: "md5" has none`)
	wantError(t, "code: {type: vin, country: DE}", `country goes with iban: "vin" has none`)
	for _, k := range ibans {
		f, b := mustMake(t, "code: {type: iban, country: "+k.country+"}")
		for _, s := range texts(b.fill(t, f, Rows{N: 200}, 0)) {
			if !ninetySeven(s) || !strings.HasPrefix(s, k.country) {
				t.Errorf("%s: %s", k.country, s)
			}
		}
	}
}

func TestCheckDigits(t *testing.T) {
	for name, right := range map[string]string{"ean13": "4006381333931", "ean8": "73513537", "upc": "036000291452", "isbn13": "9780306406157", "isbn10": "0306406152",
		"issn": "0378-5955", "credit_card": "4111111111111111", "imei": "490154203237518", "iban": "DE89370400440532013000", "vin": "1M8GDM9AXKP042788"} {
		check := checks[name]
		if !check(right) {
			t.Fatalf("%s: %s, which is right, is found wrong", name, right)
		}
		f, b := mustMake(t, "code: "+name)
		all := texts(b.fill(t, f, Rows{N: 500}, 0))
		v := new(column.Vec)
		v.Reset(column.Text)
		ix := f.(Indexed)
		for k := range uint64(500) {
			ix.AppendIndex(v, k*(ix.Card()/500), new(Scratch))
		}
		for _, s := range append(all, texts(v)...) {
			if !check(s) {
				t.Errorf("%s: %s", name, s)
			}
		}
	}
	wantError(t, "code: {type: ean13, digits: 3}", `digits goes with hash, token, base64 and otp: "ean13" has its own length`)
	wantError(t, "code: {type: sku, upper: true}", "upper goes with hashes, and sku is none")
}

package cli

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// A secret of a URL leaves in no form, wherever else in the URL it stands again and whatever quotes it.
func TestSecretsAreHiddenByValue(t *testing.T) {
	const secret = "hUsh p/s\"s@w:rd%?&=é'\\x"
	whole := ""
	for _, c := range []byte(secret) {
		whole += fmt.Sprintf("%%%02X", c)
	}
	marshalled, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("u", secret).String()[2:], whole, strings.ToLower(whole),
		strings.Trim(string(marshalled), `"`), strings.Trim(strconv.Quote(secret), `"`), strings.Trim(strconv.QuoteToASCII(secret), `"`),
		"h%55sh" + url.QueryEscape(secret)[4:]}
	for _, address := range []string{
		"postgres://u:" + url.QueryEscape(secret) + "@h/x_test",
		"postgres://u:" + whole + "@h/x_test?application_name=" + url.QueryEscape(secret),
		"postgres://u@h/x_test?password=" + whole + "&options=" + url.QueryEscape("-c a.b="+secret),
		"host=h user=u dbname=x_test password='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(secret) + "'",
	} {
		var out strings.Builder
		a := &app{}
		a.ui = newUI(&out, &out, a.getenv)
		a.hideURL(address)
		for _, form := range append(forms, address) {
			a.ui.note("before %s behind", form)
			a.ui.print("%s", form)
			fmt.Fprintf(a.ui.err, "%s\n", form)
		}
		a.ui.note("%q", address)
		for i, line := range strings.Split(out.String(), "\n") {
			for _, piece := range []string{"hUsh", "h%55sh", "rd%", "68%55", "w:rd", "w%3Ard", "w%3ard", "%77%3"} {
				if strings.Contains(line, piece) {
					t.Errorf("%s: line %d shows %q: %s", address, i, piece, line)
				}
			}
		}
	}
}

// Passwords that are words of the output are hidden where they stand as passwords, and nothing else is.
func TestWeakSecrets(t *testing.T) {
	var out strings.Builder
	a := &app{}
	a.ui = newUI(&out, &out, a.getenv)
	a.hideURL("postgres://postgres:postgres@localhost/shop_test")
	a.ui.print("postgres://postgres:postgres@localhost/shop_test?x=1 is PostgreSQL: postgres")
	if got, want := out.String(), "postgres://postgres:***@localhost/shop_test?x=1 is PostgreSQL: postgres\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzSecrets(f *testing.F) {
	f.Add("s3cr€t &x")
	f.Fuzz(func(t *testing.T, secret string) {
		if !isTelling(secret) || strings.ToValidUTF8(secret, "") != secret || strings.Contains(secret, "***") {
			return
		}
		s := new(secrets)
		s.addValue(secret)
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if got := string(s.clean([]byte("<" + form + ">"))); got != "<***>" {
				t.Errorf("%q shows as %q", form, got)
			}
		}
	})
}

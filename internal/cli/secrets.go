package cli

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/driver"
)

// secrets are texts that must not be written, and what takes their place. Every line that leaves goes through clean.
type secrets struct {
	mu     sync.Mutex
	pairs  [][2][]byte
	values []*regexp.Regexp // in any form in which a text may have them
}

func (s *secrets) add(secret, shown string) {
	if secret == "" || secret == shown {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pairs = append(s.pairs, [2][]byte{[]byte(secret), []byte(shown)})
}

// addValue hides a secret wherever it stands, and however it is written: as it is, percent-encoded in part or whole, with
// the escapes of JSON, of Go and of libpq.
func (s *secrets) addValue(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pattern := valuePattern(secret)
	if !slices.ContainsFunc(s.values, func(r *regexp.Regexp) bool { return r.String() == pattern }) {
		s.values = append(s.values, regexp.MustCompile(pattern))
	}
}

func valuePattern(secret string) string {
	var b strings.Builder
	for _, r := range secret {
		percent, hex := "", ""
		for _, c := range []byte(string(r)) {
			percent += fmt.Sprintf("%%%02x", c)
			hex += fmt.Sprintf(`\x%02x`, c)
		}
		forms := []string{"(?i:" + percent + ")", `\\?` + regexp.QuoteMeta(string(r)), "(?i:" + regexp.QuoteMeta(fmt.Sprintf(`\u%04x`, r)) + ")",
			"(?i:" + regexp.QuoteMeta(hex) + ")"}
		switch r { // which of them a form means is its reader's guess
		case ' ':
			forms = append(forms, `\+`, "%2[bB]")
		case '+':
			forms = append(forms, " ", "%20")
		}
		b.WriteString("(?:" + strings.Join(forms, "|") + ")")
	}
	return b.String()
}

func (s *secrets) clean(p []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.pairs {
		p = bytes.ReplaceAll(p, x[0], x[1])
	}
	for _, r := range s.values {
		p = r.ReplaceAllLiteral(p, []byte("***"))
	}
	return p
}

// hideURL keeps the secrets of an address out of everything that is written from now on. A short one, or one that is also
// the name of something there, is hidden where a password stands alone: elsewhere it would be taken out of words.
func (a *app) hideURL(address string) {
	a.ui.hide(address, redact(address))
	secrets := postgres.Secrets // of what may be a slip, too
	if d := driver.Of(address); d != nil {
		secrets = d.Secrets
	}
	for _, secret := range append(secrets(address), a.getenv("PGPASSWORD")) {
		a.ui.hide(":"+secret+"@", ":***@")
		a.ui.hide("password="+secret, "password=***")
		if isTelling(secret) && !slices.Contains(namesIn(address), secret) {
			a.ui.out.secrets.addValue(secret)
		}
	}
}

// isTelling tells whether a secret is no word that a text may have by chance.
func isTelling(secret string) bool {
	odd := strings.ContainsFunc(secret, func(r rune) bool { return !unicode.IsLower(r) })
	return len(secret) >= 8 || len(secret) >= 4 && odd
}

// namesIn gives the names in an address that are shown: of the user, the host, the database.
func namesIn(address string) (names []string) {
	if u, err := url.Parse(address); err == nil {
		names = append(names, u.User.Username(), u.Hostname(), strings.TrimPrefix(u.Path, "/"))
	}
	if name, err := driverDatabaseOf(address); err == nil {
		names = append(names, name)
	}
	return names
}

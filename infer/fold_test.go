package infer

import (
	"strings"
	"testing"
)

func TestUnfold(t *testing.T) {
	for name, want := range map[string]string{
		"emailaddress": "email address", "startdate": "start date", "countryregioncode": "country region code", "home_phonenumber": "home phone number",
		"customer": "", "title": "", "first_name": "", "datelike": "", "addressline2": "address line 2",
	} {
		if got := strings.Join(unfold(splitName(name)), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

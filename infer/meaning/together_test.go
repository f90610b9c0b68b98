package meaning

import (
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// day makes a column of a test hold days.
func day(t *Table, names ...string) *Table {
	for _, n := range names {
		t.Column(n).Type.Kind = column.Date
	}
	return t
}

// What is there as one, or in some states alone, is so by whatever words.
func TestTogether(t *testing.T) {
	for _, c := range []struct {
		table        *Table
		column, want string
	}{
		{tableOf("guests", nil, "passport_number null text", "passport_expires_on null time"),
			"passport_expires_on", "passport_number != nil"},
		{tableOf("accounts", nil, "created_at time", "trial_started_at null time", "trial_ends_at null time"),
			"trial_ends_at", "trial_started_at != nil"},
		{tableOf("accounts", nil, "created_at time", "lease_starts_at time", "lease_ends_at null time"),
			"lease_ends_at", ""},
		{tableOf("outlays", nil, "has_voucher bool", "voucher_url null text"), "voucher_url", "has_voucher"},
		{tableOf("cheques", nil, "returned bool", "return_fee null"), "return_fee", "returned"},
		{tableOf("planes", nil, "status flying|parked|retired", "built_on time", "retired_on null time"),
			"retired_on", `status == "retired"`},
		{tableOf("claims", nil, "status draft|submitted|approved|rejected", "submitted_at null time"),
			"submitted_at", `status in ["submitted", "approved", "rejected"]`},
		{tableOf("months", nil, "status open|locked|paid", "locked_at null time"), "locked_at",
			`status in ["locked", "paid"]`},
		{tableOf("scans", nil, "status queued|processing|ready|failed", "finished_at null time"), "finished_at",
			`status in ["ready", "failed"]`},
		{tableOf("scans", nil, "status queued|processing|ready|failed", "output null text"), "output",
			`status == "ready"`},
		{tableOf("posts", nil, "status draft|scheduled|published", "scheduled_for null time"), "scheduled_for",
			`status == "scheduled"`},
		{tableOf("calls", nil, "status scheduled|held|canceled", "scheduled_for null time"), "scheduled_for", ""},
		{tableOf("flights", nil, "status scheduled|departed|landed", "scheduled_arrival time",
			"actual_departure null time", "actual_arrival null time"), "actual_arrival",
			`status == "landed"`},
		{tableOf("ads", nil, "status active|paused|completed", "paused_at null time"), "paused_at",
			`status == "paused"`},
		{tableOf("repair_orders", nil, "status open|started|completed", "labour_cost null"), "labour_cost",
			`status == "completed"`},
	} {
		k := claimed(c.table, c.column)
		got := ""
		for _, w := range []*When{k.When, k.Only} {
			if w != nil {
				got = w.Expression()
			}
		}
		if got != c.want {
			t.Errorf("%s.%s is there where %q, want %q (%s)", c.table.Name, c.column, got, c.want, k.Says)
		}
	}
}

// What one gets is what was earned without what is taken off, and what is left is what there was without what is gone.
func TestWages(t *testing.T) {
	slip := tableOf("wage_slips", nil, "gross_wage", "income_tax", "pension", "total_deductions", "net_wage",
		"ytd_gross")
	year := tableOf("salaries", nil, "annual_salary", "monthly_salary")
	days := tableOf("allowances", nil, "entitled_days", "carried_over_days", "used_days", "remaining_days")
	loan := tableOf("credits", nil, "principal", "repaid_amount", "outstanding_amount")
	meter := tableOf("counts", nil, "previous_reading", "reading", "consumption")
	week := day(tableOf("sheets", nil, "week_starting time", "week_ending time"), "week_starting", "week_ending")
	for _, c := range []struct {
		table        *Table
		column, want string
	}{
		{slip, "total_deductions", "income_tax + pension"}, {slip, "net_wage",
			"gross_wage - total_deductions"}, {slip, "gross_wage", ""},
		{year, "monthly_salary", "round(annual_salary / 12)"}, {days, "remaining_days",
			"entitled_days + carried_over_days - used_days"},
		{loan, "outstanding_amount", "principal - repaid_amount"}, {meter, "consumption", "reading - previous_reading"},
		{week, "week_ending", `plus(week_starting, 6, "day")`},
	} {
		if k := claimed(c.table, c.column); k.Computed != c.want {
			t.Errorf("%s.%s is %q, want %q (%s)", c.table.Name, c.column, k.Computed, c.want, k.Says)
		}
	}
}

// Sums go by the words of what they sum up; a total of amounts is none of a table that says no more than that.
func TestTallies(t *testing.T) {
	trips := tableOf("trips", nil, "id unique", "total_tolls", "late_minutes", "paid_hours", "total_amount",
		"seats_sold")
	for _, c := range []struct {
		child      *Table
		column     string
		op, of, in string // "" for no sum
	}{
		{tableOf("segments", []*Table{trips}, "trip_id -> trips", "toll_amount", "tolls"), "total_tolls", "sum",
			"tolls", ""},
		{tableOf("lates", []*Table{trips}, "trip_id -> trips", "minutes"), "late_minutes", "sum", "minutes", ""},
		{tableOf("stints", []*Table{trips}, "trip_id -> trips", "hours", "is_paid bool"), "paid_hours", "sum",
			"hours", "is_paid"},
		{tableOf("payments", []*Table{trips}, "trip_id -> trips", "amount"), "total_amount", "", "", ""},
		{tableOf("tickets", []*Table{trips}, "trip_id -> trips", "code text"), "seats_sold", "count", "", ""},
	} {
		got := Kin{}
		for _, k := range Sums(trips, []*Table{c.child}) {
			if k.Column == c.column {
				got = *k.Kin
			}
		}
		if got.Op != c.op || got.Cell != c.of || got.Where != c.in {
			t.Errorf("%s of %s: %s of %q where %q, want %s of %q where %q", c.column, c.child.Name, got.Op,
				got.Cell, got.Where, c.op, c.of, c.in)
		}
	}
}

// Labels of an enum are read as the values of a list are.
func TestEnums(t *testing.T) {
	jobs := tableOf("jobs", nil, "status draft|published", "published_at null time")
	s := jobs.Column("status")
	s.Type = schema.Type{Kind: column.Literal, Category: schema.EnumType, Enum: s.Values}
	if k := claimed(jobs, "published_at"); k.When == nil || k.When.On != "status" {
		t.Errorf("%+v: want the moment where the status is published", k)
	}
}

// A history has a first day and a last one, of one thing.
func TestHistory(t *testing.T) {
	rooms := tableOf("rooms", nil, "id unique")
	for _, c := range []struct {
		table *Table
		want  bool
	}{
		{day(tableOf("room_rates", []*Table{rooms}, "room_id -> rooms", "valid_from time", "valid_to null time"),
			"valid_from", "valid_to"), true},
		{day(tableOf("room_rates", []*Table{rooms}, "room_id -> rooms", "valid_from time", "valid_to time"),
			"valid_from", "valid_to"), false},
		{day(tableOf("room_bookings", []*Table{rooms}, "room_id -> rooms", "valid_from time", "valid_to null time"),
			"valid_from", "valid_to"), false},
	} {
		if h := HistoryOf(c.table); (h != nil) != c.want {
			t.Errorf("%s: %+v, want one: %v", c.table.Name, h, c.want)
		}
	}
}

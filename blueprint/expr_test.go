package blueprint_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
)

// TestExpressions evaluates scalars of pools and tables.
func TestExpressions(t *testing.T) {
	const header = `sower: 1
parameters:
  items: {type: integer, default: 12000}
  share: {type: number, default: 0.25}
  label: {type: string, default: "a}b"}
  yes: {type: boolean, default: true}
  unset: {type: string}
  max_rows: {type: integer, default: 5}
tables:
  a:
    rows: 1
    columns:
      a:
        constant: %s
`
	for _, c := range []struct{ scalar, want string }{
		{`${items}`, "int64 12000"},
		{`"${items}"`, "int64 12000"},
		{"{a: ${items}}", "b.yaml:14:24: did not find expected ',' or '}' while parsing a flow mapping: within { } and [ ] put \"${...}\" in quotes"},
		{`x${items}`, "string x12000"},
		{`"${round(items / 0.98) - items}"`, "int64 245"},
		{`"${items + 1}"`, "int64 12001"},
		{`"${items * 2 - 1}"`, "int64 23999"},
		{`"${items / 2}"`, "float64 6000"},
		{`"n ${items / 2}"`, "string n 6000"},
		{`"${items % 7}"`, "int64 2"},
		{`"${-items}"`, "int64 -12000"},
		{`"${round(2.5)}"`, "int64 3"},
		{`"${round(-2.5)}"`, "int64 -3"},
		{`"${round(0.49999999999999994)}"`, "int64 0"},
		{`"${floor(-2.5)}"`, "int64 -3"},
		{`"${ceil(2.1)}"`, "int64 3"},
		{`"${int(-2.9)}"`, "int64 -2"},
		{`"${int(3)}"`, "int64 3"},
		{`"${float(3)}"`, "float64 3"},
		{`"${min(3, items, 2)}"`, "int64 2"},
		{`"${max(3, 2.5)}"`, "float64 3"},
		{`"${max(max_rows, 2)}"`, "int64 5"},
		{`"${share * 4}"`, "float64 1"},
		{`"${yes ? items : 0}"`, "int64 12000"},
		{`"${not yes || items > 5 && share < 1}"`, "bool true"},
		{`"${!yes}"`, "bool false"},
		{`"${label}"`, "string a}b"},
		{`"${label + '!'}"`, "string a}b!"},
		{`"${'}' + \"{\"}"`, "string }{"},
		{`"${label == 'a}b'}"`, "bool true"},
		{`"${unset}"`, "<nil> <nil>"},
		{`"${unset ?? 'none'}"`, "string none"},
		{`"${unset == nil}"`, "bool true"},
		{`"${yes}${items}"`, "string true12000"},
		{`"$${items}"`, "string ${items}"},
		{`"$${items} ${items}"`, "string ${items} 12000"},
		{`"$ {items} $items $$"`, "string $ {items} $items $$"},
		{`"${9223372036854775806 + 1}"`, "int64 9223372036854775807"},
		{`"${0.1 + 0.2}"`, "float64 0.30000000000000004"},
		{`"${1.0e21}"`, "float64 1e+21"},
		{`'${label + "''"}'`, "string a}b'"},
		{`"${9223372036854775807 + 1}"`, "b.yaml:14:42: ${9223372036854775807 + 1}: the result is too large for an integer"},
		{`"${-9223372036854775807 - 2}"`, "b.yaml:14:43: ${-9223372036854775807 - 2}: the result is too large for an integer"},
		{`"${items * items * items * items * items}"`, "b.yaml:14:52: ${items * items * items * items * items}: the result is too large for an integer"},
		{`"${1e308 * 10}"`, "b.yaml:14:22: ${1e308 * 10}: the result is no finite number"},
		{`"${itms}"`, `b.yaml:14:22: ${itms}: unknown parameter "itms": did you mean "items"?`},
		{`"${items} ${itms + shar}"`, "b.yaml:14:31: ${itms + shar}: unknown parameter \"itms\": did you mean \"items\"?\nb.yaml:14:38: ${itms + shar}: unknown parameter \"shar\": did you mean \"share\"?"},
		{"\"\\t${itms}\"", `b.yaml:14:19: ${itms}: unknown parameter "itms": did you mean "items"?`},
		{"|\n          ${itms}\n", `b.yaml:14:19: ${itms}: unknown parameter "itms": did you mean "items"?`},
		{`"${now()}"`, `b.yaml:14:22: ${now()}: unknown function "now": there are round, floor, ceil, min, max, int, float`},
		{`"${repeat('x', 1000000000)}"`, `b.yaml:14:22: ${repeat('x', 1000000000)}: unknown function "repeat": there are round, floor, ceil, min, max, int, float`},
		{`"${$env}"`, `b.yaml:14:22: ${$env}: unknown parameter "$env"`},
		{`"${label matches '('}"`, `b.yaml:14:28: ${label matches '('}: the operator "matches" is not part of the language`},
		{`"${'a' in ['a']}"`, "b.yaml:14:26: ${'a' in ['a']}: the operator \"in\" is not part of the language\nb.yaml:14:29: ${'a' in ['a']}: an expression is made of parameters, numbers, texts, operators and functions alone"},
	} {
		text := strings.Replace(header, "%s", c.scalar, 1)
		got := evalConstant(fstest.MapFS{"b.yaml": file(text)})
		if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.scalar, got, c.want)
		}
	}
}

func evalConstant(files fstest.MapFS) string {
	b, err := resolve(files, nil)
	if err != nil {
		return err.Error()
	}
	d := b.NewDecoder()
	var v struct {
		Value blueprint.Value `yaml:"value" short:"true"`
	}
	d.DecodeGenerator(b.Tables[0].Columns[0].Generator, &v)
	if err := d.Err(); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%T %v", v.Value.V, v.Value.V)
}

// TestExpressionInKeys puts values into the names of tables, columns and keys of arguments.
func TestExpressionInKeys(t *testing.T) {
	b, err := resolve(fstest.MapFS{"b.yaml": file(`sower: 1
parameters: {schema: {type: string, default: app}}
tables:
  "${schema}.users":
    rows: 1
    columns:
      "${schema}_id": {quota: {"${schema}": 1, "${1 + 1}": 2}}
`)}, given("schema", "shop"))
	if err != nil {
		t.Fatal(err)
	}
	table := b.Tables[0]
	got := table.Name + " " + table.Columns[0].Name + " " + shape(table.Columns[0].Generator.Args)
	if want := "shop.users shop_id {str shop: int 1, int 2: int 2}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

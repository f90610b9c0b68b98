package plan_test

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestPrevious follows rows back to the ones before them of the same parent: there is one for all but the first, and what
// is summed up on the way is the sum of them.
func TestPrevious(t *testing.T) {
	const text = `sower: 1
name: test
tables:
  wallets: {rows: 40, columns: {id: sequence}}
  moves:
    rows: 150
    columns:
      id: sequence
      wallet_id: {reference: {table: wallets, per_parent: {min: 0, max: 9, together: true}}}
      last: {reference: {table: moves, previous: wallet_id}}
      amount: {decimal: {min: "-5", max: "99.5", scale: 2}}
      balance: {expression: {expr: "coalesce(last.balance, 0) + amount", type: decimal, scale: 2}}
  blocks:
    rows: 30
    columns:
      hash: {pattern: "[a-f]{9}", unique: true}
      parent: {reference: {table: blocks, column: hash, root: none}, unique: true}
`
	p, err := build(fstest.MapFS{"b.yaml": {Data: []byte(text)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, p)
	w.check()
	wallet, last, amount, balance := w.column("moves", "wallet_id"), w.column("moves", "last"), w.column("moves", "amount"), w.column("moves", "balance")
	followed := 0
	for i := range 150 {
		sum := amount.Ints[i]
		if i > 0 && wallet.Ints[i] == wallet.Ints[i-1] {
			followed++
			sum += balance.Ints[i-1]
			if last.Null(i) || last.Ints[i] != int64(i) {
				t.Errorf("row %d follows %s, want %d", i, last.String(i), i)
			}
		} else if !last.Null(i) || i > 0 && wallet.Ints[i] < wallet.Ints[i-1] {
			t.Errorf("row %d, of wallet %d, follows %s", i, wallet.Ints[i], last.String(i))
		}
		if balance.Ints[i] != sum {
			t.Errorf("row %d: the balance is %s", i, balance.String(i))
		}
	}
	if followed < 50 {
		t.Errorf("%d rows follow another one", followed)
	}
	hash, parent := w.column("blocks", "hash"), w.column("blocks", "parent")
	for i := range 30 {
		want := "none"
		if i > 0 {
			want = hash.String(i - 1)
		}
		if got := parent.String(i); got != want {
			t.Errorf("block %d follows %s, want %s", i, got, want)
		}
	}
	for of, c := range map[string]struct{ was, is string }{
		"write together: true":  {", together: true", ""},
		"root: it goes neither": {"root: none}, unique: true", "root: none}, nulls: 0.5"},
		"root goes with":        {"root: none", "root: none, first: self"},
		"previous goes with":    {"previous: wallet_id", "previous: wallet_id, depth: 3"},
	} {
		_, err := build(fstest.MapFS{"b.yaml": {Data: []byte(strings.Replace(text, c.was, c.is, 1))}}, nil)
		if err == nil || !strings.Contains(err.Error(), of) {
			t.Errorf("%s: got %v", of, err)
		}
	}
}

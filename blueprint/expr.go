package blueprint

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

const (
	maxExprLen = 4096  // bytes of one expression
	maxExprs   = 10000 // different expressions of a blueprint
)

// An evaluator evaluates the expressions of ${...} over the parameters' values. The language is
// expr-lang's, without what has no place in a count or a name (lists, loops, variables) or may differ
// between processors (powers); whole numbers do not wrap around but are refused when they get too large.
type evaluator struct {
	env       map[string]any      // values by parameter name
	unset     map[string]bool     // parameters whose value is missing or wrong, which has been reported
	names     []string            // of all parameters
	results   map[string]exprDone // by expression
	suggested int                 // number of suggestions given
}

// exprDone is an evaluated expression.
type exprDone struct {
	value      any  // nil, bool, int64, float64 or string
	unresolved bool // it has no value: either there are problems or one of its parameters has none
	problems   []exprProblem
}

// exprProblem is a mistake in an expression, at a character counted from its beginning.
type exprProblem struct {
	at         int
	text       string
	suggestion string
}

func newEvaluator(params []*Parameter, unset map[string]bool) *evaluator {
	e := &evaluator{env: make(map[string]any), unset: unset, results: make(map[string]exprDone)}
	for _, p := range params {
		e.names = append(e.names, p.Name)
		if v, ok := p.Value.(int64); ok {
			e.env[p.Name] = int(v)
		} else {
			e.env[p.Name] = p.Value
		}
	}
	return e
}

// eval evaluates one expression.
func (e *evaluator) eval(src string) exprDone {
	if done, ok := e.results[src]; ok {
		return done
	}
	var done exprDone
	switch {
	case len(e.results) >= maxExprs:
		return exprDone{unresolved: true, problems: []exprProblem{{text: fmt.Sprintf("more than %d different expressions", maxExprs)}}}
	case len(src) > maxExprLen:
		done.problems = []exprProblem{{text: fmt.Sprintf("an expression of more than %d characters", maxExprLen)}}
	case strings.TrimSpace(src) == "":
		done.problems = []exprProblem{{text: "empty expression"}}
	default:
		done = e.evalNew(src)
	}
	done.unresolved = done.unresolved || len(done.problems) > 0
	e.results[src] = done
	return done
}

func (e *evaluator) evalNew(src string) (done exprDone) {
	defer func() {
		// The library's parser is handed whatever the file holds.
		if r := recover(); r != nil {
			done = exprDone{problems: []exprProblem{{text: "not an expression"}}}
		}
	}()
	config := conf.CreateNew()
	for _, o := range exprOptions {
		o(config)
	}
	tree, err := parser.ParseWithConfig(src, config)
	if err != nil {
		return exprDone{problems: []exprProblem{exprError(err)}}
	}
	check := exprCheck{e: e, env: make(map[string]any)}
	check.node(tree.Node)
	if len(check.problems) > 0 || check.unset {
		return exprDone{problems: check.problems, unresolved: true}
	}
	program, err := expr.Compile(src, append(exprOptions[:len(exprOptions):len(exprOptions)], expr.Env(check.env))...)
	if err != nil {
		return exprDone{problems: []exprProblem{exprError(err)}}
	}
	v, err := expr.Run(program, check.env)
	if err != nil {
		return exprDone{problems: []exprProblem{exprError(err)}}
	}
	switch v := v.(type) {
	case nil, bool, string:
		return exprDone{value: v}
	case int:
		return exprDone{value: int64(v)}
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return exprDone{problems: []exprProblem{{text: "the result is no finite number"}}}
		}
		return exprDone{value: v}
	}
	return exprDone{problems: []exprProblem{{text: "the result is neither number, text nor boolean"}}}
}

// exprError takes place and text out of an error of the expression library.
func exprError(err error) exprProblem {
	var fe *file.Error
	if errors.As(err, &fe) {
		text := fe.Message
		switch {
		case fe.Prev != nil:
			text = fe.Prev.Error()
		case strings.HasSuffix(text, "unexpected token EOF"):
			text = "the expression ends too early"
		case strings.Contains(text, "value out of range"):
			text = "a number is too large"
		}
		return exprProblem{at: fe.From, text: text}
	}
	return exprProblem{text: err.Error()}
}

// exprFunctions are the functions of the language.
var exprFunctions = []string{"round", "floor", "ceil", "min", "max", "int", "float"}

// exprOperators are the operators of the language; those with a function are evaluated by it.
var exprOperators = map[string]func(a, b any) (any, error){
	"+": add, "-": subtract, "*": multiply, "/": divide, "%": modulo,
	"==": nil, "!=": nil, "<": nil, "<=": nil, ">": nil, ">=": nil,
	"and": nil, "&&": nil, "or": nil, "||": nil, "??": nil,
}

// exprOptions make the language.
var exprOptions = func() []expr.Option {
	one := new(func(any) any)
	many := new(func(...any) any)
	options := []expr.Option{
		expr.Optimize(false), expr.DisableAllBuiltins(),
		expr.Function("round", integral(roundAway), one),
		expr.Function("floor", integral(math.Floor), one),
		expr.Function("ceil", integral(math.Ceil), one),
		expr.Function("int", integral(math.Trunc), one),
		expr.Function("float", func(args ...any) (any, error) { return toFloat("float", args[0]) }, one),
		expr.Function("min", func(args ...any) (any, error) { return extreme("min", -1, args) }, many),
		expr.Function("max", func(args ...any) (any, error) { return extreme("max", +1, args) }, many),
	}
	for _, op := range []string{"+", "-", "*", "/", "%"} {
		do := exprOperators[op]
		options = append(options,
			expr.Function("operator"+op, func(args ...any) (any, error) { return do(args[0], args[1]) }, new(func(any, any) any)),
			expr.Operator(op, "operator"+op))
	}
	return options
}()

// exprCheck holds a parsed expression against the language and finds its unknown names.
type exprCheck struct {
	e        *evaluator
	env      map[string]any // the parameters that it names
	unset    bool           // one of them has no value
	problems []exprProblem
}

func (c *exprCheck) problem(n ast.Node, suggestion, format string, args ...any) {
	c.problems = append(c.problems, exprProblem{at: n.Location().From, text: fmt.Sprintf(format, args...), suggestion: suggestion})
}

func (c *exprCheck) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.NilNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode:
	case *ast.IdentifierNode:
		v, known := c.e.env[n.Value]
		switch {
		case c.e.unset[n.Value]:
			c.unset = true
		case known:
			c.env[n.Value] = v
		case slices.Contains(exprFunctions, n.Value):
			c.problem(n, fmt.Sprintf("write %s(...)", n.Value), "%q is a function", n.Value)
		default:
			suggestion := ""
			if c.e.suggested++; c.e.suggested <= maxProblems {
				suggestion = didYouMean(n.Value, c.e.names)
			}
			c.problem(n, suggestion, "unknown parameter %q", n.Value)
		}
	case *ast.UnaryNode:
		c.node(n.Node)
	case *ast.BinaryNode:
		if _, ok := exprOperators[n.Operator]; !ok {
			c.problem(n, "", "the operator %q is not part of the language", n.Operator)
		}
		c.node(n.Left)
		c.node(n.Right)
	case *ast.ConditionalNode:
		c.node(n.Cond)
		c.node(n.Exp1)
		c.node(n.Exp2)
	case *ast.CallNode:
		name, ok := n.Callee.(*ast.IdentifierNode)
		if !ok {
			c.problem(n, "", "only functions can be called")
		} else if !slices.Contains(exprFunctions, name.Value) {
			c.problem(n, orElse(didYouMean(name.Value, exprFunctions), "there are "+strings.Join(exprFunctions, ", ")),
				"unknown function %q", name.Value)
		} else if len(n.Arguments) == 0 {
			c.problem(n, "", "%s needs an argument", name.Value)
		}
		for _, a := range n.Arguments {
			c.node(a)
		}
	case *ast.BuiltinNode:
		c.problem(n, "there are "+strings.Join(exprFunctions, ", "), "unknown function %q", n.Name)
	default:
		c.problem(n, "", "an expression is made of parameters, numbers, texts, operators and functions alone")
	}
}

func orElse(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

var errTooLargeInt = errors.New("the result is too large for an integer")

// roundAway rounds half away from zero.
func roundAway(x float64) float64 { return math.Round(x) }

// integral makes a function of one number whose result is an integer.
func integral(f func(float64) float64) func(args ...any) (any, error) {
	return func(args ...any) (any, error) {
		switch x := args[0].(type) {
		case int:
			return x, nil
		case float64:
			y := f(x)
			if !(y >= -1<<63 && y < 1<<63) {
				return nil, errTooLargeInt
			}
			return int(y), nil
		}
		return nil, fmt.Errorf("want a number, found %s", exprKind(args[0]))
	}
}

func toFloat(name string, v any) (float64, error) {
	switch x := v.(type) {
	case int:
		return float64(x), nil
	case float64:
		return x, nil
	}
	return 0, fmt.Errorf("%s: want a number, found %s", name, exprKind(v))
}

// extreme gives the least (sign -1) or the greatest (+1) of numbers: an integer where all are integers.
func extreme(name string, sign float64, args []any) (any, error) {
	allInt := true
	for _, a := range args {
		if _, err := toFloat(name, a); err != nil {
			return nil, err
		}
		_, ok := a.(int)
		allInt = allInt && ok
	}
	if allInt {
		best := args[0].(int)
		for _, a := range args[1:] {
			if sign < 0 {
				best = min(best, a.(int))
			} else {
				best = max(best, a.(int))
			}
		}
		return best, nil
	}
	best, _ := toFloat(name, args[0])
	for _, a := range args[1:] {
		x, _ := toFloat(name, a)
		if x*sign > best*sign {
			best = x
		}
	}
	return best, nil
}

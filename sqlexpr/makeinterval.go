package sqlexpr

import (
	"fmt"
	"slices"
)

// intervalArguments are the arguments of make_interval, in their order, and the units that they count.
var (
	intervalArguments = []string{"years", "months", "weeks", "days", "hours", "mins", "secs"}
	intervalUnits     = []string{"1 year", "1 month", "1 week", "1 day", "1 hour", "1 minute", "1 second"}
)

// makeInterval reads the arguments of make_interval(days => 3, hours => n), which may be named, and gives the sum that it
// is: 3 * interval '1 day' + n * interval '1 hour'.
func (p *parser) makeInterval() (Expr, error) {
	var sum Expr
	for i := 0; ; i++ {
		at := i
		if name := p.tok().Text; p.peek(1).Is("=>") {
			if at = slices.Index(intervalArguments, LowerASCII(name)); at < 0 {
				return nil, fmt.Errorf("make_interval has no argument %q", name)
			}
			p.at += 2
		}
		if at >= len(intervalUnits) {
			return nil, fmt.Errorf("make_interval has too many arguments")
		}
		n, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		unit := &Cast{X: &Literal{StringLiteral, intervalUnits[at]}, Type: TypeName{Name: "interval"}}
		part := &Binary{"*", n, unit}
		if sum == nil {
			sum = part
		} else {
			sum = &Binary{"+", sum, part}
		}
		if !p.take(",") {
			return sum, p.want(")")
		}
	}
}

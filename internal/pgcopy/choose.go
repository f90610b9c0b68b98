package pgcopy

// Better gives the format that costs a server less for rows of these columns. The figures are the
// nanoseconds of server CPU that binary saves a cell beside text, rounded, as the benchmark of formats
// in db/postgres measured them; docs/performance.md has the measurement. Binary saves parsing; for short
// texts the server's receive function costs more than the scan for tabs and backslashes.
func Better(columns []Column) Format {
	saved := 0
	for _, c := range columns {
		switch chooseBinary(c.Kind, c.Type) {
		case opNone:
			return Text
		case opRaw16:
			saved += 590
		case opRaw:
			saved += 500
		case opMicros2000:
			saved += 250
		case opDays:
			saved += 190
		case opMicros:
			saved += 150
		case opReal, opDouble, opIntReal, opIntDouble:
			saved += 110
		case opJSONB:
			saved += 50
		case opInt2, opInt4, opInt8, opByte:
			saved += 5
		case opText, opCanonical:
			saved -= 20
		}
	}
	if saved > 0 {
		return Binary
	}
	return Text
}

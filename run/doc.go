// Package run carries a plan out: workers that make batches and load them, the record of runs, resume
// and verification.
//
// It sees databases only as sink.Store, never a driver. Generate is safe to repeat: each batch is a
// transaction that writes its ledger row too, the record of the run says what was asked for, and the
// same call again completes what is missing and adds nothing else.
package run

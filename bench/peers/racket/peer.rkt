;; peer.rkt: Racket's threads (on Chez's segments): switch, robin, spawn, park and deep as in contig_bench.
;;
;; A frame of `deep` has two words, and each recursion runs on a thread of its own.
#lang racket/base
(require racket/fixnum)

(define (timed count work)
  (define begin (current-process-milliseconds))
  (work)
  (printf "ns ~a\n" (/ (* 1e6 (- (current-process-milliseconds) begin)) count)))

(define (resident)
  (define status (call-with-input-file "/proc/self/status" (lambda (port) (read-string 10000 port))))
  (* 1024.0 (string->number (cadr (regexp-match #px"VmRSS:\\s*([0-9]+)" status)))))

;; Runs so many threads to their ends.
(define (all-run count body)
  (for-each thread-wait (for/list ([_ (in-range count)]) (thread body))))

(define ((yields rounds))
  (for ([_ (in-range rounds)]) (sleep 0)))

(define (deep levels)
  (if (fx= levels 0) 0 (fx+ 1 (deep (fx- levels 1)))))

(define (park count)
  (define wake (make-semaphore))
  (define before (resident))
  (timed count
         (lambda ()
           (for ([_ (in-range count)]) (thread (lambda () (semaphore-wait wake))))
           (sleep 0)))
  (collect-garbage)
  (printf "bytes ~a\n" (/ (- (resident) before) count))
  ;; Nobody waits for ever, or the threads would be garbage.
  (semaphore-post wake))

(define words (current-command-line-arguments))
(define (number i) (string->number (vector-ref words i)))
(case (string->symbol (vector-ref words 0))
  [(switch) (timed (number 1) (lambda () (all-run 2 (yields (quotient (number 1) 2)))))]
  [(robin) (timed (* (number 1) (number 2)) (lambda () (all-run (number 1) (yields (number 2)))))]
  [(spawn) (timed (* (number 1) (number 2))
                  (lambda () (for ([_ (in-range (number 2))]) (all-run (number 1) void))))]
  [(deep) (timed (* (number 2) (number 3))
                 (lambda () (for ([_ (in-range (number 3))]) (all-run 1 (lambda () (deep (number 2)))))))]
  [(park) (park (number 1))]
  [else (exit 2)])

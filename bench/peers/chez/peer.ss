;; peer.ss: Chez Scheme, whose stacks are segments: switch-raw and deep as in contig_bench.
;;
;; One-shot continuations (call/1cc) in the place of goroutines.  Compiled at optimize-level 3: nothing is checked.
;; A frame of `deep` has two words, and the recursion runs into new segments as a goroutine's would on a new stack.
(import (chezscheme))
(optimize-level 3)

(define (nanoseconds)
  (let ([now (current-time 'time-process)])
    (+ (* 1e9 (time-second now)) (time-nanosecond now))))

(define (timed count work)
  (let ([begin (nanoseconds)])
    (work)
    (printf "ns ~a\n" (inexact (/ (- (nanoseconds) begin) count)))))

;; Two coroutines: each takes the other's continuation, and leaves its own.
(define (switch count)
  (define other #f)
  (define (bounce k)
    (let loop ([k k])
      (loop (call/1cc (lambda (own) (k own))))))
  (set! other (call/1cc (lambda (own) (bounce own))))
  (let loop ([left (quotient count 2)])
    (when (fx> left 0)
      (set! other (call/1cc (lambda (own) (other own))))
      (loop (fx- left 1)))))

(define (deep levels)
  (if (fx= levels 0) 0 (fx+ 1 (deep (fx- levels 1)))))

(define (repeat count work)
  (let loop ([left count])
    (when (fx> left 0) (call/1cc (lambda (k) (work))) (loop (fx- left 1)))))

(let* ([words (cdr (command-line))] [number (lambda (i) (string->number (list-ref words i)))])
  (case (string->symbol (car words))
    [(switch-raw) (timed (number 1) (lambda () (switch (number 1))))]
    [(deep) (timed (* (number 2) (number 3))
                   (lambda () (repeat (number 3) (lambda () (deep (number 2))))))]
    [else (exit 2)]))

; gate.lisp: are all the names theorems, and was nothing taken for granted?
(in-package "X86ISA")
(program)

; Names of NAMES that are not theorems.
(defun not-proved (names w)
  (cond ((atom names) nil)
        ((acl2::getpropc (car names) 'acl2::theorem nil w) (not-proved (cdr names) w))
        (t (cons (car names) (not-proved (cdr names) w)))))

; Axioms that are not ACL2's own.
(defun added-axioms (w0 w)
  (cond ((endp w) nil)
        ((and (eq (car (car w)) 'acl2::event-landmark)
              (eq (cadr (car w)) 'acl2::global-value)
              (eq (acl2::access-event-tuple-type (cddr (car w))) 'defaxiom)
              (not (acl2::getpropc (acl2::access-event-tuple-namex (cddr (car w))) 'acl2::predefined nil w0)))
         (cons (acl2::access-event-tuple-namex (cddr (car w))) (added-axioms w0 (cdr w))))
        (t (added-axioms w0 (cdr w)))))

; The books' two trust tags are for execution, not for the logic; no other may be in use.
(defconst *known-tags* '(:undef-flg :other-non-det))
(defun granted (w)
  (append (and (acl2::global-val 'acl2::skip-proofs-seen w) '(skip-proofs))
          (and (acl2::global-val 'acl2::redef-seen w) '(redefinition))
          (set-difference-eq (strip-cars (acl2::global-val 'acl2::ttags-seen w)) *known-tags*)
          (added-axioms w w)))

(defun names-proved-p (names w)
  (let ((open (not-proved names w)) (granted (granted w)))
    (prog2$ (and open (cw "not proved: ~&0~%" open))
            (prog2$ (and granted (cw "taken for granted: ~&0~%" granted))
                    (and (consp names) (not open) (not granted))))))
(logic)

; model.lisp: one step of the processor.  x86isa's, and the two x87 instructions that it lacks.
(in-package "X86ISA")
(include-book "tools/trivial-ancestors-check" :dir :system)
(acl2::use-trivial-ancestors-check)
; The x87 control word: D9 /5 (FLDCW) and D9 /7 (FNSTCW), which the model lacks.
(def-inst x87-control-word
  :short "Load/store the x87 control word"
  :returns (x86 x86p :hyp (x86p x86))
  :modr/m t
  :verify-guards nil
  :body
  (b* ((p4? (eql #.*addr-size-override* (prefixes->adr prefixes)))
       (seg (select-segment-register proc-mode (prefixes->seg prefixes) p4? mod r/m sib x86))
       ((mv flg mem len (the (signed-byte 64) addr) x86)
        (x86-operand-from-modr/m-and-sib-bytes
         proc-mode #.*gpr-access* 2 t nil seg p4? temp-rip rex-byte r/m mod sib 0 x86))
       ((when flg) (!!ms-fresh :operand flg))
       ((mv flg (the (signed-byte #.*max-linear-address-size*) next)) (add-to-*ip proc-mode temp-rip len x86))
       ((when flg) (!!ms-fresh :rip flg))
       ((when (check-instruction-length start-rip next 0)) (!!ms-fresh :length t))
       ((when (eql reg 5))
        ; FLDCW waits for pending exceptions: with one pending this model stops.
        (b* (((when (logbitp 7 (fp-status x86))) (!!ms-fresh :pending-x87-exception t))
             (x86 (!fp-ctrl (logior #x40 (logand #x1f3f mem)) x86)))
          (write-*ip proc-mode next x86)))
       ((mv flg x86)
        (x86-operand-to-reg/mem proc-mode 2 t nil (fp-ctrl x86) seg addr rex-byte r/m mod x86))
       ((when flg) (!!ms-fresh :store flg)))
    (write-*ip proc-mode next x86)))

; One step, n steps: the model's, with the two instructions added where the model has none.
(define x87-control-word-p ((opcode :type (unsigned-byte 8)) (modr/m :type (unsigned-byte 8)))
  :verify-guards nil
  (and (equal opcode #xd9)
       (not (equal (modr/m->mod modr/m) 3))
       (or (equal (modr/m->reg modr/m) 5) (equal (modr/m->reg modr/m) 7))))

(define cpu-step ((x86 x86p))
  :verify-guards nil
  (b* (((when (or (ms x86) (fault x86))) x86)
       (mode (x86-operation-mode x86))
       (start (read-*ip mode x86))
       ((mv flg prefixes rex x86) (get-prefixes mode start 0 0 15 x86))
       (opcode (prefixes->nxt prefixes))
       ((when (or flg (not (equal opcode #xd9)))) (x86-fetch-decode-execute x86))
       ((mv flg at) (add-to-*ip mode start (1+ (prefixes->num prefixes)) x86))
       ((when flg) (x86-fetch-decode-execute x86))
       ((mv flg modr/m x86) (rme08 mode at #.*cs* :x x86))
       ((when (or flg (not (x87-control-word-p opcode modr/m)))) (x86-fetch-decode-execute x86))
       ((mv flg at) (add-to-*ip mode at 1 x86))
       ((when flg) (x86-fetch-decode-execute x86))
       (sib? (x86-decode-sib-p modr/m nil))
       ((mv flg sib x86) (if sib? (rme08 mode at #.*cs* :x x86) (mv nil 0 x86)))
       ((when flg) (x86-fetch-decode-execute x86))
       ((mv flg at) (if sib? (add-to-*ip mode at 1 x86) (mv nil at)))
       ((when flg) (x86-fetch-decode-execute x86)))
    (x87-control-word mode start at prefixes rex opcode modr/m sib x86)))

(define cpu-steps ((n natp) (x86 x86p))
  :verify-guards nil
  (if (zp n) x86 (let ((x86 (cpu-step x86))) (cpu-steps (1- n) x86))))

(defthm cpu-step-is-the-models
  (implies (and (not (ms x86)) (not (fault x86))
                (app-view x86)
                (not (equal (prefixes->nxt (mv-nth 1 (get-prefixes (x86-operation-mode x86)
                                                                   (read-*ip (x86-operation-mode x86) x86)
                                                                   0 0 15 x86)))
                            #xd9)))
           (equal (cpu-step x86) (x86-fetch-decode-execute x86)))
  :hints (("Goal" :in-theory (e/d (cpu-step) (x86-fetch-decode-execute x86-fetch-decode-execute-opener)))))
(defthm cpu-step-of-d9
  (implies (and (not (ms x86)) (not (fault x86))
                (app-view x86)
                (equal mode (x86-operation-mode x86))
                (equal start (read-*ip mode x86))
                (equal prefixes (mv-nth 1 (get-prefixes mode start 0 0 15 x86)))
                (not (mv-nth 0 (get-prefixes mode start 0 0 15 x86)))
                (equal (prefixes->nxt prefixes) #xd9)
                (not (mv-nth 0 (add-to-*ip mode start (1+ (prefixes->num prefixes)) x86)))
                (equal at (mv-nth 1 (add-to-*ip mode start (1+ (prefixes->num prefixes)) x86)))
                (not (mv-nth 0 (rme08 mode at #.*cs* :x x86)))
                (equal modr/m (mv-nth 1 (rme08 mode at #.*cs* :x x86)))
                (x87-control-word-p #xd9 modr/m)
                (not (x86-decode-sib-p modr/m nil))
                (not (mv-nth 0 (add-to-*ip mode at 1 x86))))
           (equal (cpu-step x86)
                  (x87-control-word mode start (mv-nth 1 (add-to-*ip mode at 1 x86)) prefixes
                                    (mv-nth 2 (get-prefixes mode start 0 0 15 x86))
                                    #xd9 modr/m 0 x86)))
  :hints (("Goal" :in-theory (e/d (cpu-step) (x86-fetch-decode-execute x86-fetch-decode-execute-opener x87-control-word
                                   x87-control-word-p get-prefixes-opener-lemma-no-prefix-byte)))))
(in-theory (disable cpu-step cpu-steps))

(defthm small-unsigned-is-its-own-extension
  (implies (unsigned-byte-p 32 x) (equal (logext 64 x) x))
  :hints (("Goal" :use (:instance acl2::logext-identity (acl2::size 64) (acl2::i x))
           :in-theory (enable unsigned-byte-p signed-byte-p))))

(acl2::def-ruleset asm-on
   '(instruction-decoding-and-spec-rules
     x87-control-word-p fty::logand-mask-logxor-equal-0
     x86-operation-mode one-byte-opcode-execute
     !rgfi-size rgfi-size x86-operand-to-reg/mem
     wr64 wr32 wr16 rr08 rr16 rr32 rr64
     x86-operand-from-modr/m-and-sib-bytes
     check-instruction-length
     n32-to-i32 n64-to-i64
     two-byte-opcode-decode-and-execute
     x86-effective-addr x86-effective-addr-32/64 x86-effective-addr-from-sib
     subset-p select-segment-register rme-size wme-size rime-size wime-size segment-base-and-bounds
     select-address-size chk-exc-fn feature-flags jcc/cmovcc/setcc-spec))
(acl2::def-ruleset asm-off
   '(unsigned-byte-p las-to-pas default-+-2 feature-flag (feature-flag)
     get-prefixes-opener-lemma-group-1-prefix get-prefixes-opener-lemma-group-4-prefix))

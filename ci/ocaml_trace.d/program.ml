(* program.ml ROUNDS SEED DOMAINS: fibers that grow, yield, raise and end, while the collector runs.

   Each round starts fibers that recurse to a random depth, with exception handlers on the way, suspend themselves there,
   go on in a random order, and are resumed or discontinued.  Some run fibers of their own; some have wide frames; some are
   called back by the collector; one in ten rounds recurses until the limit refuses to let it grow.  Each fiber's result is
   checked: a stack that was copied wrongly ends the program with status 1.  SEED decides on everything but addresses. *)

open Effect
open Effect.Deep

type _ Effect.t += Pause : int -> int Effect.t

exception Found of int
exception Cancelled

type waiting = Waiting of (int, int) continuation * int

let fibers = 60
let deepest = 3000
let limit_words = 1 lsl 17

let check name expected found =
  if expected <> found then begin
    Printf.eprintf "program.ml: %s: expected %d, found %d\n" name expected found;
    exit 1
  end

let random_depth random =
  let bits = 1 + Random.State.int random 12 in
  min deepest (Random.State.int random (1 lsl bits))

(* The sum 1 + ... + depth, with work on the way down and up; [at] is where the fiber suspends itself. *)
let rec sum at depth =
  if depth = 0 then 0
  else begin
    let kept = [ depth; depth + 1 ] in
    let answer = if depth = at then perform (Pause depth) else depth in
    let below = sum at (depth - 1) in
    below + answer + List.hd kept - depth
  end

(* Many words that live across the call. *)
let rec wide depth a b c d e f g h =
  if depth = 0 then a + b + c + d + e + f + g + h
  else begin
    let i = a + 1 and j = b + 2 and k = c + 3 and l = d + 4 and m = e + 5 and n = f + 6 and o = g + 7 and p = h + 8 in
    let below = wide (depth - 1) b c d e f g h a in
    below + (i - a) + (j - b) + (k - c) + (l - d) + (m - e) + (n - f) + (o - g) + (p - h)
  end

(* A frame that is larger than the stack that a fiber begins with: one doubling does not hold it. *)
let vast next =
  let a0 = next () in let a1 = next () in let a2 = next () in let a3 = next () in let a4 = next () in let a5 = next () in let a6 = next () in let a7 = next () in
  let b0 = next () in let b1 = next () in let b2 = next () in let b3 = next () in let b4 = next () in let b5 = next () in let b6 = next () in let b7 = next () in
  let c0 = next () in let c1 = next () in let c2 = next () in let c3 = next () in let c4 = next () in let c5 = next () in let c6 = next () in let c7 = next () in
  let d0 = next () in let d1 = next () in let d2 = next () in let d3 = next () in let d4 = next () in let d5 = next () in let d6 = next () in let d7 = next () in
  let e0 = next () in let e1 = next () in let e2 = next () in let e3 = next () in let e4 = next () in let e5 = next () in let e6 = next () in let e7 = next () in
  let f0 = next () in let f1 = next () in let f2 = next () in let f3 = next () in let f4 = next () in let f5 = next () in let f6 = next () in let f7 = next () in
  let g0 = next () in let g1 = next () in let g2 = next () in let g3 = next () in let g4 = next () in let g5 = next () in let g6 = next () in let g7 = next () in
  let h0 = next () in let h1 = next () in let h2 = next () in let h3 = next () in let h4 = next () in let h5 = next () in let h6 = next () in let h7 = next () in
  let i0 = next () in let i1 = next () in let i2 = next () in let i3 = next () in let i4 = next () in let i5 = next () in let i6 = next () in let i7 = next () in
  let j0 = next () in let j1 = next () in let j2 = next () in let j3 = next () in let j4 = next () in let j5 = next () in let j6 = next () in let j7 = next () in
  let k0 = next () in let k1 = next () in let k2 = next () in let k3 = next () in let k4 = next () in let k5 = next () in let k6 = next () in let k7 = next () in
  let l0 = next () in let l1 = next () in let l2 = next () in let l3 = next () in let l4 = next () in let l5 = next () in let l6 = next () in let l7 = next () in
  next ()
  + a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7
  + b0 + b1 + b2 + b3 + b4 + b5 + b6 + b7
  + c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7
  + d0 + d1 + d2 + d3 + d4 + d5 + d6 + d7
  + e0 + e1 + e2 + e3 + e4 + e5 + e6 + e7
  + f0 + f1 + f2 + f3 + f4 + f5 + f6 + f7
  + g0 + g1 + g2 + g3 + g4 + g5 + g6 + g7
  + h0 + h1 + h2 + h3 + h4 + h5 + h6 + h7
  + i0 + i1 + i2 + i3 + i4 + i5 + i6 + i7
  + j0 + j1 + j2 + j3 + j4 + j5 + j6 + j7
  + k0 + k1 + k2 + k3 + k4 + k5 + k6 + k7
  + l0 + l1 + l2 + l3 + l4 + l5 + l6 + l7

let vast_sum () =
  let last = ref 0 in
  vast (fun () -> incr last; !last)

(* A handler at every [every]-th call; the deepest call raises, and the handler at depth [catcher] or above ends it. *)
let rec search every catcher depth =
  if depth = 0 then raise (Found 0)
  else if depth mod every = 0 then
    try 1 + search every catcher (depth - 1)
    with Found steps when depth >= catcher -> steps + depth
  else 1 + search every catcher (depth - 1)

let searched every catcher depth =
  let first = (max 1 catcher + every - 1) / every * every in
  let found = try search every catcher depth with Found steps -> steps in
  check "exception" (if first <= depth then depth else 0) found

(* Finalisers are called on the stack of the fiber that runs when the collector decides so. *)
let collected random =
  let depth = random_depth random in
  let block = ref depth in
  Gc.finalise (fun b -> check "finaliser" (!b * (!b + 1) / 2) (sum 0 !b)) block;
  if Random.State.int random 8 = 0 then Gc.minor ();
  if Random.State.int random 50 = 0 then Gc.full_major ()

let rec nested random depth =
  if depth = 0 then sum 0 (random_depth random) * 0
  else
    match_with (fun () -> 1 + nested random (depth - 1)) ()
      { retc = (fun v -> v); exnc = raise;
        effc = (fun (type a) (_ : a Effect.t) -> (None : ((a, _) continuation -> _) option)) }

let rec endless depth = 1 + endless (depth + 1)

(* What one fiber does; returns its depth if all of it went well. *)
let body random kind () =
  let depth = random_depth random in
  begin match kind with
  | 0 -> check "wide" (depth * 36 + 36) (wide depth 1 2 3 4 5 6 7 8)
  | 1 -> searched (1 + Random.State.int random 40) (Random.State.int random (depth + 1)) depth
  | 2 -> check "nested" (1 + depth mod 20) (nested random (1 + depth mod 20))
  | 3 -> collected random
  | 4 -> check "vast" (97 * 98 / 2) (vast_sum ())
  | _ -> ()
  end;
  let at = if depth = 0 then 0 else 1 + Random.State.int random depth in
  let pause = if Random.State.bool random then at else 0 in
  check "sum" (depth * (depth + 1) / 2) (sum pause depth);
  depth

(* Starts a fiber; it ends, or is put among those that wait. *)
let start queue body =
  match_with body ()
    { retc = (fun depth -> depth);
      exnc = (function Cancelled -> -1 | other -> raise other);
      effc = (fun (type a) (performed : a Effect.t) ->
        match performed with
        | Pause depth -> Some (fun (k : (a, _) continuation) -> queue := Waiting (k, depth) :: !queue; 0)
        | _ -> None) }

let resume random queue =
  let waiting = Array.of_list !queue in
  queue := [];
  for last = Array.length waiting - 1 downto 1 do
    let other = Random.State.int random (last + 1) in
    let swapped = waiting.(last) in
    waiting.(last) <- waiting.(other);
    waiting.(other) <- swapped
  done;
  Array.iter
    (fun (Waiting (k, depth)) ->
      if Random.State.int random 10 = 0 then check "cancelled" (-1) (discontinue k Cancelled)
      else ignore (continue k depth))
    waiting

let overflow () =
  let queue = ref [] in
  check "overflow" 7 (start queue (fun () -> try endless 0 with Stack_overflow -> 7))

let round random =
  let queue = ref [] in
  for _ = 1 to fibers do
    ignore (start queue (body random (Random.State.int random 8)));
    if Random.State.int random 3 = 0 then resume random queue
  done;
  while !queue <> [] do resume random queue done

let rounds seed number =
  let random = Random.State.make [| seed |] in
  for turn = 1 to number do
    round random;
    if turn mod 10 = 1 then overflow ()
  done

let argument place default = if Array.length Sys.argv > place then int_of_string Sys.argv.(place) else default

let () =
  let number = argument 1 200 and seed = argument 2 1 and domains = argument 3 1 in
  Gc.set { (Gc.get ()) with Gc.stack_limit = limit_words };
  let others = List.init (domains - 1) (fun k -> Domain.spawn (fun () -> rounds (seed + 1000 * (k + 1)) number)) in
  rounds seed number;
  List.iter Domain.join others;
  Printf.printf "program.ml: %d rounds of %d fibers in each of %d domains\n" number fibers domains

/* Memory as x86 has it (x86-TSO: P. Sewell, S. Sarkar, S. Owens, F. Zappa Nardelli, M. O. Myreen,
   Communications of the ACM 53, 2010). A store goes into its thread's buffer, first in, first out,
   and reaches memory later; a load takes the newest store of its own buffer, or else memory. So a
   load may pass an earlier store to another place, and nothing else is out of order: in C++'s words,
   every load is an acquire, every store a release, and an exchange or a seq_cst fence is what waits
   until the buffer is empty.

   Whoever includes this defines THREADS and WORDS. A model takes one look at memory in each step.
   Stores may stand in the step before them, for nobody sees them go into the buffer. */

#ifndef DEPTH
#define DEPTH 7 /* stores that wait at a time; that these are enough is asserted */
#endif

typedef Buffer {
  byte place[DEPTH];
  byte value[DEPTH];
  byte count
};

byte memory[WORDS];
Buffer buffers[THREADS];
hidden byte nth;

/* Within a d_step. */
inline store(thread, to, what) {
  assert(buffers[thread].count < DEPTH);
  buffers[thread].place[buffers[thread].count] = to;
  buffers[thread].value[buffers[thread].count] = what;
  buffers[thread].count++
}

/* Within a d_step. */
inline load(thread, result, from) {
  result = memory[from];
  nth = 0;
  do
  :: nth < buffers[thread].count ->
    if
    :: buffers[thread].place[nth] == (from) -> result = buffers[thread].value[nth]
    :: else
    fi;
    nth++
  :: else -> break
  od
}

/* Where a thread waits for it: a fence. At the head of a d_step: a locked instruction, or a system
   call that takes a lock of the kernel's. */
#define drained(thread) (buffers[thread].count == 0)

/* Lets the oldest store of each thread become visible whenever it likes. */
active [THREADS] proctype drain() {
end:
  do
  :: d_step {
      buffers[_pid].count > 0 ->
      memory[buffers[_pid].place[0]] = buffers[_pid].value[0];
      buffers[_pid].count--;
      nth = 0;
      do
      :: nth < buffers[_pid].count ->
        buffers[_pid].place[nth] = buffers[_pid].place[nth + 1];
        buffers[_pid].value[nth] = buffers[_pid].value[nth + 1];
        nth++
      :: else -> break
      od;
      buffers[_pid].place[nth] = 0;
      buffers[_pid].value[nth] = 0
    }
  od
}

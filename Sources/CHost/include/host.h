/* What Host has in C: what this processor can do. */
#ifndef NNC_HOST_H
#define NNC_HOST_H

/* Which instructions of x86-64 this processor and the system have: 1 for those that all have, 3 for AVX2 with FMA and what came
   with them, 4 for AVX-512 as in the level of that number; 0 on other processors. */
int nnc_host_x86_64_level(void);

#endif

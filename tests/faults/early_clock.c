/* Loaded before libfaketime. While that library begins, the allocator of our program begins too and asks for the time; the library would
   then begin a second time within itself, and crash. So until it has begun, the time is the kernel's. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef int clock_function(clockid_t, struct timespec *);

static clock_function *next;

/* What is loaded first begins last. */
__attribute__((constructor)) static void begin(void) { next = (clock_function *)dlsym(RTLD_NEXT, "clock_gettime"); }

int clock_gettime(clockid_t clock, struct timespec *time) {
    return next ? next(clock, time) : (int)syscall(SYS_clock_gettime, clock, time);
}

/* Runs a command and says, as the last line of standard error, what it cost: the most memory it had (kB), then the processor
 * seconds of itself and the kernel on its behalf. A child of Python itself would begin with Python's memory as its peak. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	pid_t pid = argc > 1 ? fork() : -1;
	int status;

	if (pid < 0)
		return 125;
	if (!pid) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &usage) < 0)
		return 125;
	fprintf(stderr, "%ld %ld.%06ld\n", usage.ru_maxrss, usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
		(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000000,
		(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) % 1000000);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

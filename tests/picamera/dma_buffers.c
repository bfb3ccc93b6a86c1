/*
 * Shared memory in place of DMA buffers, for machines whose kernel has none (LD_PRELOAD).
 *
 * libcamera's virtual camera puts its frames into buffers of /dev/udmabuf, which wraps memory of a
 * memfd. Here the memfd itself is the buffer, and the calls that keep caches in step do nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/dma-buf.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

int ioctl(int handle, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);

    if (request == UDMABUF_CREATE)
        return dup((int)((struct udmabuf_create *)argument)->memfd);
    if (request == DMA_BUF_IOCTL_SYNC || request == DMA_BUF_SET_NAME)
        return 0;
    int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    return next(handle, request, argument);
}

// WMK_SANITIZED: 1 under AddressSanitizer or ThreadSanitizer, which replace memory and threads.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WMK_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WMK_SANITIZED 1
#endif
#endif
#if !defined(WMK_SANITIZED)
#define WMK_SANITIZED 0
#endif

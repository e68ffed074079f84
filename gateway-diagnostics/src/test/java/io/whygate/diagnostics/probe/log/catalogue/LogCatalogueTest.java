package io.whygate.diagnostics.probe.log.catalogue;

import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.BEHIND_FAILED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.CRASHED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.DATABASE_UNAVAILABLE;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.DISK_FULL;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.OUT_OF_MEMORY;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKERS_EXHAUSTED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKER_TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.probe.Finding.LogsRead.Sign;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Lines as the programs themselves write them, and lines that look like them.
class LogCatalogueTest {

  static Stream<Arguments> signs() {
    return Stream.of(
        of(
            CRASHED,
            "[23-Nov-2026 15:41:40] WARNING: [pool www] child 4242 exited with code 255 after 3.1"
                + " seconds from start"),
        of(
            OUT_OF_MEMORY,
            "2026/11/23 15:41:40 [alert] 98#98: fork() failed while spawning \"worker process\" (12:"
                + " Cannot allocate memory)"),
        of(OUT_OF_MEMORY, "OSError: [Errno 12] Cannot allocate memory"),
        of(
            WORKERS_EXHAUSTED,
            "2026/11/23 15:41:40 [crit] 99#99: accept4() failed (24: Too many open files)"),
        of(WORKERS_EXHAUSTED, "Error: EMFILE: too many open files, open '/srv/x'"),
        of(WORKERS_EXHAUSTED, "OSError: [Errno 24] Too many open files"),
        of(DATABASE_UNAVAILABLE, "2026-11-23 15:41:40 77 [ERROR] Too many connections"),
        of(
            DATABASE_UNAVAILABLE,
            "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection"
                + " refused."),
        of(
            DATABASE_UNAVAILABLE,
            "PHP Fatal error:  Uncaught RedisException: Connection refused in /srv/x.php:3"),
        of(CRASHED, "ERROR:    Exception in ASGI application"),
        of(
            CRASHED,
            "[Mon Nov 23 15:41:40.123456 2026] [wsgi:error] [pid 7] mod_wsgi (pid=99): Exception"
                + " occurred processing WSGI script '/srv/x.wsgi'."),
        of(
            CRASHED,
            "F, [2026-11-23T15:41:40.123456 #99] FATAL -- :   NoMethodError (undefined method `x'"
                + " for nil):"),
        of(
            CRASHED,
            "F, [2026-11-23T15:41:40.123456 #99] FATAL -- : [abc] ActionView::Template::Error (no):"),
        of(CRASHED, "[nodemon] app crashed - waiting for file changes before starting..."),
        of(CRASHED, "Error: listen EADDRINUSE: address already in use :::3000"),
        // The kernel and systemd.
        of(
            OUT_OF_MEMORY,
            "[98231.412345] Out of memory: Killed process 4242 (node) total-vm:1622516kB,"
                + " anon-rss:912344kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:4232kB"
                + " oom_score_adj:0"),
        of(
            OUT_OF_MEMORY,
            "Memory cgroup out of memory: Killed process 77 (gunicorn) total-vm:201232kB"),
        of(
            OUT_OF_MEMORY,
            "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
                + "oom_memcg=/system.slice/php8.2-fpm.service,task_memcg=/system.slice/"
                + "php8.2-fpm.service,task=php-fpm8.2,pid=991,uid=33"),
        of(
            OUT_OF_MEMORY,
            "shop.service: A process of this unit has been killed by the OOM killer."),
        of(OUT_OF_MEMORY, "shop.service: Failed with result 'oom-kill'."),
        of(
            CRASHED,
            "php-fpm8.2[4242]: segfault at 0 ip 000055d0a8b4f1c2 sp 00007ffd2b0c error 4 in"
                + " php-fpm8.2[55d0a8800000+3b2000]"),
        of(
            CRASHED,
            "traps: node[812] general protection fault ip:7f21 sp:7ffe error:0 in libc.so.6"),
        of(CRASHED, "shop.service: Main process exited, code=dumped, status=11/SEGV"),
        of(CRASHED, "shop.service: Main process exited, code=killed, status=9/KILL"),
        of(CRASHED, "shop.service: Main process exited, code=exited, status=1/FAILURE"),
        of(CRASHED, "shop.service: Start request repeated too quickly."),
        of(CRASHED, "Process 4242 (gunicorn) of user 33 dumped core."),
        // PHP.
        of(
            OUT_OF_MEMORY,
            "[23-Nov-2026 15:41:40 UTC] PHP Fatal error:  Allowed memory size of 134217728 bytes"
                + " exhausted (tried to allocate 20480 bytes) in /var/www/html/report.php on line"
                + " 12"),
        of(
            WORKERS_EXHAUSTED,
            "[23-Nov-2026 15:41:40] WARNING: [pool www] server reached pm.max_children setting (5),"
                + " consider raising it"),
        of(
            WORKERS_EXHAUSTED,
            "[23-Nov-2026 15:41:40] WARNING: [pool www] server reached max_children setting (5),"
                + " consider raising it"),
        of(
            CRASHED,
            "[23-Nov-2026 15:41:40] WARNING: [pool www] child 4242 exited on signal 11 (SIGSEGV -"
                + " core dumped) after 3.141592 seconds from start"),
        of(
            CRASHED,
            "[23-Nov-2026 15:41:40] WARNING: [pool www] child 4242 exited on signal 9 (SIGKILL)"
                + " after 3.1 seconds from start"),
        of(
            WORKER_TIMEOUT,
            "[23-Nov-2026 15:41:40] WARNING: [pool www] child 4242, script"
                + " '/var/www/html/slow.php' (request: \"GET /slow.php\") execution timed out"
                + " (30.51 sec), terminating"),
        of(
            WORKER_TIMEOUT,
            "PHP Fatal error:  Maximum execution time of 30 seconds exceeded in /x.php on line 3"),
        of(
            CRASHED,
            "2026/11/23 15:41:40 [error] 81#81: *7 FastCGI sent in stderr: \"PHP message: PHP Fatal"
                + " error:  Uncaught Error: Call to undefined function foo() in /x.php:3\" while"
                + " reading response header from upstream, client: 10.0.0.7, server: shop,"
                + " request: \"GET /x.php HTTP/1.1\", upstream: \"fastcgi://unix:/run/php.sock:\""),
        // Gunicorn, uWSGI, Django.
        of(WORKER_TIMEOUT, "[2026-11-23 15:41:40 +0000] [81] [CRITICAL] WORKER TIMEOUT (pid:84)"),
        of(
            OUT_OF_MEMORY,
            "[2026-11-23 15:41:40 +0000] [81] [ERROR] Worker (pid:84) was sent SIGKILL! Perhaps out"
                + " of memory?"),
        of(CRASHED, "[2026-11-23 15:41:40 +0000] [81] [ERROR] Worker (pid:84) was sent SIGSEGV!"),
        of(
            CRASHED,
            "[2026-11-23 15:41:40 +0000] [81] [WARNING] Worker with pid 84 was terminated due to"
                + " signal 11"),
        of(CRASHED, "[2026-11-23 15:41:40 +0000] [81] [ERROR] Exception in worker process"),
        of(CRASHED, "[2026-11-23 15:41:40 +0000] [84] [ERROR] Error handling request /order"),
        of(
            WORKER_TIMEOUT,
            "Mon Nov 23 15:41:40 2026 - *** HARAKIRI ON WORKER 1 (pid: 84, try: 1) ***"),
        of(CRASHED, "Exception occurred during processing of request from ('10.0.0.9', 41234)"),
        of(
            CRASHED,
            "Exception in thread \"http-nio-8080-exec-1\" java.lang.NullPointerException: cart"),
        of(CRASHED, "Exception in thread \"main\" java.lang.NoClassDefFoundError: shop/Cart"),
        of(CRASHED, "DAMN ! worker 1 (pid: 84) died, killed by signal 11 :( trying respawn ..."),
        of(
            WORKERS_EXHAUSTED,
            "Mon Nov 23 15:41:40 2026 - *** uWSGI listen queue of socket \"127.0.0.1:3031\" (fd: 3)"
                + " full !!! (101/100) ***"),
        // Puma, Unicorn, Rails.
        of(
            WORKER_TIMEOUT,
            "[81] ! Terminating timed out worker (Worker 0 failed to check in within 60 seconds):"
                + " 84"),
        of(CRASHED, "[81] ! Unable to load application: NameError: uninitialized constant Shop"),
        of(
            WORKER_TIMEOUT,
            "E, [2026-11-23T15:41:40.123456 #81] ERROR -- : worker=0 PID:84 timeout (61s > 60s),"
                + " killing"),
        of(
            CRASHED,
            "F, [2026-11-23T15:41:40.123456 #84] FATAL -- : [5f2b] NoMethodError (undefined method"
                + " `name' for nil:NilClass):"),
        // Node.
        of(
            OUT_OF_MEMORY,
            "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"),
        of(CRASHED, "Node.js v18.20.4"),
        of(CRASHED, "PM2      | App [shop:0] exited with code [1] via signal [SIGINT]"),
        // Java, Tomcat, Spring.
        of(
            OUT_OF_MEMORY,
            "Exception in thread \"http-nio-8080-exec-3\" java.lang.OutOfMemoryError: Java heap"
                + " space"),
        of(CRASHED, "# A fatal error has been detected by the Java Runtime Environment:"),
        of(CRASHED, "APPLICATION FAILED TO START"),
        of(
            WORKERS_EXHAUSTED,
            "23-Nov-2026 15:41:40.123 WARNING [http-nio-8080-Acceptor]"
                + " org.apache.tomcat.util.threads All threads (200) are currently busy, waiting."
                + " Increase maxThreads (200) or check the servlet status"),
        of(
            DATABASE_UNAVAILABLE,
            "2026-11-23 15:41:40.123 ERROR 7 --- [nio-8080-exec-1] o.h.e.j.s.SqlExceptionHelper :"
                + " HikariPool-1 - Connection is not available, request timed out after 30000ms."),
        of(DATABASE_UNAVAILABLE, "com.mysql.cj.jdbc.exceptions: Communications link failure"),
        // .NET, Go.
        of(CRASHED, "Unhandled exception. System.InvalidOperationException: no route"),
        of(CRASHED, "panic: runtime error: invalid memory address or nil pointer dereference"),
        // Databases, as their clients see them.
        of(
            DATABASE_UNAVAILABLE,
            "PHP Warning:  mysqli_real_connect(): (HY000/2002): Connection refused in"
                + " /var/www/html/wp-includes/class-wpdb.php on line 1988"),
        of(
            DATABASE_UNAVAILABLE,
            "PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in"
                + " /var/www/html/db.php:4"),
        of(
            DATABASE_UNAVAILABLE,
            "PHP Fatal error:  Uncaught mysqli_sql_exception: Connection refused in /x.php:4"),
        of(DATABASE_UNAVAILABLE, "WordPress database error MySQL server has gone away for query"),
        of(
            DATABASE_UNAVAILABLE,
            "django.db.utils.OperationalError: connection to server at \"10.0.0.9\", port 5432"
                + " failed: Connection refused"),
        of(
            DATABASE_UNAVAILABLE,
            "2026-11-23 15:41:40.123 UTC [812] wp@wp FATAL:  sorry, too many clients already"),
        of(DATABASE_UNAVAILABLE, "Error: connect ECONNREFUSED 10.0.0.9:5432"),
        of(
            DATABASE_UNAVAILABLE,
            "ActiveRecord::ConnectionNotEstablished (could not connect to server: refused):"),
        // Databases themselves.
        of(
            DATABASE_UNAVAILABLE,
            "2026-11-23 15:41:40 0 [Note] /usr/sbin/mariadbd (initiated by: unknown): Normal"
                + " shutdown"),
        of(
            DATABASE_UNAVAILABLE,
            "2026-11-23T15:41:40.123456Z 0 [System] [MY-010910] [Server] /usr/sbin/mysqld: Shutdown"
                + " complete (mysqld 8.0.36)  MySQL Community Server - GPL."),
        of(
            DATABASE_UNAVAILABLE,
            "2026-11-23 15:41:40.123 UTC [1] LOG:  received fast shutdown request"),
        of(
            DATABASE_UNAVAILABLE,
            "2026-11-23 15:41:40.123 UTC [1] LOG:  server process (PID 88) was terminated by signal"
                + " 9: Killed"),
        // Disks.
        of(
            DISK_FULL,
            "2026/11/23 15:41:40 [crit] 81#81: *7 pwrite() \"/var/lib/nginx/body/0000000001\" failed"
                + " (28: No space left on device), client: 10.0.0.7, server: _, request:"
                + " \"POST /upload HTTP/1.1\", host: \"shop.example\""),
        of(DISK_FULL, "Error: ENOSPC: no space left on device, write"),
        of(DISK_FULL, "OSError: [Errno 28] No space left on device: '/srv/app/cache/x'"),
        of(
            DISK_FULL,
            "PHP Notice:  fwrite(): Write of 8192 bytes failed with errno=28 No space left on"
                + " device in /var/www/html/x.php on line 4"),
        of(
            DISK_FULL,
            "2026-11-23 15:41:40 0 [ERROR] mariadbd: Disk full (/tmp/#sql); waiting for someone to"
                + " free some space... (errno: 28 \"No space left on device\")"),
        of(
            DISK_FULL,
            "2026-11-23 15:41:40 UTC [88] ERROR:  could not extend file \"base/16384/16402\": No"
                + " space left on device"),
        // Web servers, and what is behind them.
        of(
            WORKERS_EXHAUSTED,
            "2026/11/23 15:41:40 [alert] 81#81: 768 worker_connections are not enough"),
        of(
            WORKERS_EXHAUSTED,
            "2026/11/23 15:41:40 [error] 81#81: *7 connect() to unix:/run/php/php8.2-fpm.sock failed"
                + " (11: Resource temporarily unavailable) while connecting to upstream"),
        of(
            BEHIND_FAILED,
            "2026/11/23 15:41:40 [error] 81#81: *7 connect() failed (111: Connection refused) while"
                + " connecting to upstream, client: 10.0.0.7, server: _, request: \"GET /"
                + " HTTP/1.1\", upstream: \"fastcgi://127.0.0.1:9000\""),
        of(
            BEHIND_FAILED,
            "2026/11/23 15:41:40 [error] 81#81: *7 upstream timed out (110: Connection timed out)"
                + " while reading response header from upstream"),
        of(
            BEHIND_FAILED,
            "2026/11/23 15:41:40 [error] 81#81: *7 upstream sent too big header while reading"
                + " response header from upstream"),
        of(
            CRASHED,
            "2026/11/23 15:41:40 [alert] 80#80: worker process 81 exited on signal 11 (core"
                + " dumped)"),
        of(
            WORKERS_EXHAUSTED,
            "[Mon Nov 23 15:41:40.123456 2026] [mpm_prefork:error] [pid 80] AH00161: server reached"
                + " MaxRequestWorkers setting, consider raising the MaxRequestWorkers setting"),
        of(
            CRASHED,
            "[Mon Nov 23 15:41:40.123456 2026] [core:notice] [pid 80] AH00052: child pid 81 exit"
                + " signal Segmentation fault (11)"),
        of(
            BEHIND_FAILED,
            "[Mon Nov 23 15:41:40.123456 2026] [proxy:error] [pid 81] (111)Connection refused:"
                + " AH00957: http: attempt to connect to 127.0.0.1:3000 (localhost) failed"));
  }

  private static Arguments of(Sign sign, String line) {
    return Arguments.of(sign, line);
  }

  @ParameterizedTest
  @MethodSource("signs")
  void knowsTheLinesByWhichProgramsNameACause(Sign sign, String line) {
    assertThat(LogCatalogue.read(line).map(Reading::sign)).contains(sign);
  }

  static Stream<String> lookAlikes() {
    return Stream.of(
        // The one that wanted memory is not the one that was killed.
        "[98231.4] php-fpm8.2 invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE), order=0",
        "oom_reaper: reaped process 4242 (node), now anon-rss:0kB, file-rss:0kB",
        "\"State\": { \"Running\": true, \"OOMKilled\": false, \"Pid\": 812 }",
        "Command line argument: -XX:+HeapDumpOnOutOfMemoryError",
        // Warnings.
        "[23-Nov-2026 15:41:40] WARNING: [pool www] seems busy (you may need to increase"
            + " pm.start_servers, or pm.min/max_spare_servers), spawning 8 children, there are 0"
            + " idle, and 5 total children",
        "[23-Nov-2026 15:41:40] WARNING: [pool www] child 7, script '/x.php' (request: \"GET /x\")"
            + " executing too slow (5.1 sec), logging",
        "PHP Warning:  Undefined variable $x in /x.php on line 3",
        "PHP Deprecated:  Creation of dynamic property is deprecated in /x.php on line 3",
        "2026/11/23 15:41:40 [warn] 81#81: *7 a client request body is buffered to a temporary file",
        "2026/11/23 15:41:40 [error] 81#81: *7 client intended to send too large body: 99999 bytes",
        "[Note] Aborted connection 12 to db: 'wp' user: 'wp' host: 'localhost' (Got timeout)",
        "FATAL:  password authentication failed for user \"postgres\"",
        // Other things that run out by the same number.
        "Error: ENOSPC: System limit for number of file watchers reached, watch '/srv/app'",
        "inotify_add_watch(/srv) failed: No space left on device",
        "[Mon Nov 23 15:41:40 2026] [core:emerg] (28)No space left on device: AH00023: Couldn't"
            + " create the rewrite-map mutex",
        "ERROR:  could not resize shared memory segment \"/PostgreSQL.1\" to 8 bytes: No space left"
            + " on device",
        // Healthy stops and starts.
        "[23-Nov-2026 15:41:40] WARNING: [pool www] child 7 exited on signal 15 (SIGTERM) after 3.1"
            + " seconds from start",
        "[23-Nov-2026 15:41:40] NOTICE: exiting, bye-bye!",
        "[2026-11-23 15:41:40 +0000] [81] [INFO] Handling signal: term",
        "[2026-11-23 15:41:40 +0000] [84] [INFO] Worker exiting (pid: 84)",
        "[2026-11-23 15:41:40 +0000] [81] [ERROR] Worker (pid:84) was sent SIGTERM!",
        "[2026-11-23 15:41:40 +0000] [81] [WARNING] Worker with pid 84 was terminated due to signal"
            + " 15",
        "shop.service: Main process exited, code=killed, status=15/TERM",
        "shop.service: Main process exited, code=exited, status=143/n/a",
        "shop.service: Main process exited, code=exited, status=0/SUCCESS",
        "2026/11/23 15:41:40 [notice] 80#80: signal 15 (SIGTERM) received from 1, exiting",
        "2026/11/23 15:41:40 [notice] 80#80: worker process 81 exited with code 0",
        "java.util.concurrent.RejectedExecutionException: Task rejected from ThreadPoolExecutor"
            + "[Terminated, pool size = 0]",
        // What a visitor wrote.
        "10.0.0.7 - - [23/Nov/2026:15:41:40 +0000] \"GET /?q=JavaScript+heap+out+of+memory HTTP/1.1\""
            + " 200 12 \"-\" \"java.lang.OutOfMemoryError\"",
        "2026/11/23 15:41:40 [error] 81#81: *7 open() \"/srv/x\" failed (2: No such file or"
            + " directory), client: 10.0.0.7, server: _, request: \"GET /java.lang.OutOfMemoryError"
            + " HTTP/1.1\", host: \"PHP Fatal error: \"",
        "GET /out-of-memory.html 200");
  }

  @ParameterizedTest
  @MethodSource("lookAlikes")
  void leavesAloneWhatOnlyLooksLikeIt(String line) {
    assertThat(LogCatalogue.read(line)).isEmpty();
  }

  @Test
  void saysOfWhomALineSpeaks() {
    Reading killed =
        LogCatalogue.read("Out of memory: Killed process 4242 (node) total-vm:1kB").orElseThrow();
    assertThat(killed.program()).isEqualTo("node");
    assertThat(killed.pid()).isEqualTo("4242");
    Reading failed =
        LogCatalogue.read(
                "FastCGI sent in stderr: \"PHP message: PHP Fatal error:  x\" while reading, client:"
                    + " ::1, server: _, request: \"POST /pay?card=4111 HTTP/1.1\"")
            .orElseThrow();
    assertThat(failed.path()).isEqualTo("/pay");
  }
}

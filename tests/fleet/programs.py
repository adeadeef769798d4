"""Programs that tests let supervisors run."""

SERVES = """
import os, subprocess, sys, time
print("serving", flush=True)
daemon = subprocess.Popen(["sleep", "1000"], start_new_session=True, stdin=subprocess.DEVNULL,
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
with open("environment", "w") as file:
    file.write("\\n".join(f"{name}={value}" for name, value in os.environ.items()))
with open("pids.new", "w") as file:
    file.write(f"{os.getpid()} {daemon.pid}")
os.replace("pids.new", "pids")
while True:
    time.sleep(1)
"""
"""Says who it is, starts a daemon in a session of its own, and stays."""

# Stands for a recording session: five people, four gestures, a 3-axis accelerometer at 50 Hz, one row a sample.
# awk -f record.awk > gestures.csv
function uniform() {  # Park and Miller's generator, so that every awk writes the same file
  state = (state * 16807) % 2147483647
  return state / 2147483647
}
function noise(size) { return size * (uniform() + uniform() + uniform() - 1.5) }
function sample(gesture, t, speed, strength,    angle) {
  angle = 6.2831853 * speed * t
  if (gesture == "circle") { x = strength * cos(angle); y = strength * sin(angle); z = 9.8 }
  if (gesture == "shake")  { x = 1.6 * strength * sin(3 * angle); y = 0.3 * strength * sin(6 * angle); z = 9.8 }
  if (gesture == "lift")   { x = 0; y = 0; z = 9.8 + 1.5 * strength * sin(angle) * (t < 0.7) }
  if (gesture == "rest")   { x = 0.4 * strength * (speed - 1); y = 0; z = 9.8 }
}
BEGIN {
  state = 20240311
  split("circle shake lift rest", gestures, " ")
  print "window,time_ms,label,subject,ax,ay,az"
  for (person = 1; person <= 5; ++person) {
    pace = 0.85 + 0.3 * uniform()
    force = 3 + 2 * uniform()
    for (repeat = 1; repeat <= 12; ++repeat)
      for (g = 1; g <= 4; ++g) {
        ++window
        start = 0.3 * uniform()
        speed = pace * (1 + noise(0.1))
        for (i = 0; i < 100; ++i) {
          sample(gestures[g], start + i / 50, speed, force)
          printf "%d,%d,%s,p%d,%.3f,%.3f,%.3f\n", window, 20 * i, gestures[g], person, x + noise(0.8), y + noise(0.8), z + noise(0.8)
        }
      }
  }
}

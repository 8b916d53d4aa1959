/** Runs each morning: gathers two kinds of news side by side and lets a writer make one short text of them. */
export const dailyDigest = `workflow:
  name: daily-digest
  title: Daily digest
  description: Each morning gathers the strongest earthquakes of the data set and a topic of the day from The World Factbook, and writes a short digest.
  triggers:
    - schedule: {cron: "0 7 * * *", timezone: UTC}
    - manual
  settings: {timeout: 5m, concurrency: 1}
  steps:
    - id: today
      title: Topic of the day
      uses: transform
      with:
        value:
          date: "{{ formatDate(run.startedAt, 'yyyy-MM-dd') }}"
          topic: "{{ ['tea', 'wind and solar energy', 'fishing', 'copper', 'tourism', 'rice', 'drinking water'][int(daysBetween('1970-01-01T00:00:00Z', run.startedAt)) % 7] }}"
    - id: quakes
      title: Fetch earthquakes
      uses: http
      depends_on: [today]
      timeout: 30s
      retry: 3
      with:
        url: "{{ env.heddle_url }}/data/earthquakes.json"
        parse: json
    - id: strongest
      title: The three strongest
      uses: transform
      depends_on: [quakes]
      with:
        value: "{{ slice(reverse(sortBy(data.body.earthquakes, 'magnitude')), 0, 3).map(e, 'Magnitude ' + string(e.magnitude) + ', ' + e.place + '.') }}"
    - id: background
      title: Look up the topic
      uses: search
      depends_on: [today]
      with: {query: "{{ data.topic }}", limit: 3}
    - id: passages
      title: Passages
      uses: transform
      depends_on: [background]
      with:
        value: "{{ data.map(p, p.title + ' (' + p.section + '): ' + p.text) }}"
    - id: gather
      title: Gather
      uses: merge
      depends_on: [strongest, passages]
      with: {mode: append}
    - id: write
      title: Write the digest
      agent: writer
      depends_on: [gather]
      timeout: 2m
      retry: 2
      with:
        task: "Write a digest of at most 150 words for {{ steps.today.output.date }}: first the earthquakes, then what is worth knowing about {{ steps.today.output.topic }}."
        data: "{{ data.join('\\\\n') }}"
        maxOutputTokens: 400
    - id: digest
      title: Digest
      uses: transform
      depends_on: [write]
      with:
        value:
          subject: "Digest of {{ steps.today.output.date }}: {{ steps.today.output.topic }}"
          body: "{{ data.text }}"
          simulated: "{{ data.simulated }}"
    - id: note
      title: Keep in the log
      uses: log
      depends_on: [digest]
      with: {level: info, message: "{{ data.subject }}"}
  output: "{{ steps.digest.output }}"
  layout:
    trigger:0: {x: 0, y: 20}
    trigger:1: {x: 0, y: 140}
    today: {x: 290, y: 80}
    quakes: {x: 580, y: 0}
    strongest: {x: 870, y: 0}
    background: {x: 580, y: 160}
    passages: {x: 870, y: 160}
    gather: {x: 1160, y: 80}
    write: {x: 1450, y: 80}
    digest: {x: 1740, y: 80}
    note: {x: 2030, y: 80}
`;

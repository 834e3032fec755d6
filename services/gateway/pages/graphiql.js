// GraphiQL comes from its CDN; where that cannot be reached, a plain editor takes its place, so that the page works offline too.
const cdn = [
  'https://unpkg.com/react@18.3.1/umd/react.production.min.js',
  'https://unpkg.com/react-dom@18.3.1/umd/react-dom.production.min.js',
  'https://unpkg.com/graphiql@3.8.3/graphiql.min.js',
]
const example = '{\n  me { email role }\n  workflows(first: 5) { totalCount edges { node { id name status } } }\n}\n'
const main = document.getElementById('main')
let token = sessionStorage.getItem('token') ?? ''

const authorization = () => (token === '' ? {} : { authorization: `Bearer ${token}` })

document.getElementById('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault()
  const fields = Object.fromEntries(new FormData(event.target))
  const response = await fetch('/api/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  })
  const answer = await response.json()
  token = answer.token ?? ''
  sessionStorage.setItem('token', token)
  document.getElementById('who').textContent = response.ok ? `${answer.user.email} (${answer.user.role})` : answer.error.message
})

const load = (url) =>
  new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), { src: url, crossOrigin: 'anonymous', onload: resolve, onerror: reject })
    document.head.append(script)
  })

/** A subscription over graphql-transport-ws, as an async iterator of its answers. */
async function* subscribe(payload, headers) {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`, 'graphql-transport-ws')
  const messages = []
  let wake = () => {}
  const arrived = (message) => {
    messages.push(message)
    wake()
  }
  socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init', payload: headers }))
  socket.onmessage = ({ data }) => arrived(JSON.parse(data))
  socket.onclose = ({ reason }) => arrived({ type: 'closed', reason })
  try {
    for (;;) {
      const message = messages.shift()
      if (message === undefined) {
        await new Promise((resolve) => {
          wake = resolve
        })
      } else if (message.type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }))
      else if (message.type === 'ping') socket.send('{"type":"pong"}')
      else if (message.type === 'next') yield message.payload
      else if (message.type === 'error') yield { errors: message.payload }
      else if (message.type === 'closed') return message.reason === '' ? undefined : yield { errors: [{ message: message.reason }] }
      else return
    }
  } finally {
    socket.close()
  }
}

const fetcher = async (payload, { headers = {} } = {}) => {
  const all = { ...authorization(), ...headers }
  if (/^\s*subscription\b/m.test(payload.query)) return subscribe(payload, all)
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...all },
    body: JSON.stringify(payload),
  })
  return response.json()
}

const showPlainEditor = () => {
  main.innerHTML =
    '<div id="plain"><textarea id="query" spellcheck="false"></textarea><textarea id="variables" placeholder="variables (JSON)"></textarea><pre id="answer"></pre><button>Run (Ctrl-Enter)</button></div>'
  const [query, variables, answer] = ['query', 'variables', 'answer'].map((id) => document.getElementById(id))
  query.value = example
  let runs = 0
  const run = async () => {
    const mine = ++runs
    const show = (value) => {
      if (mine === runs) answer.textContent = JSON.stringify(value, null, 2)
    }
    try {
      const result = await fetcher({ query: query.value, variables: variables.value.trim() === '' ? {} : JSON.parse(variables.value) })
      if (result[Symbol.asyncIterator] === undefined) return show(result)
      for await (const value of result) {
        if (mine !== runs) return
        show(value)
      }
    } catch (error) {
      answer.textContent = String(error)
    }
  }
  main.querySelector('button').addEventListener('click', run)
  main.addEventListener('keydown', (event) => {
    if (event.ctrlKey && event.key === 'Enter') run()
  })
}

const showGraphiql = () => {
  const { React, ReactDOM, GraphiQL } = window
  ReactDOM.createRoot(main).render(React.createElement(GraphiQL, { fetcher, defaultQuery: example, shouldPersistHeaders: true }))
}

cdn.reduce((before, url) => before.then(() => load(url)), Promise.resolve()).then(showGraphiql, showPlainEditor)
